"""Where the simulation takes place: one county and its bureaus."""

COUNTY = "430121000000"
OFFICE = f"{COUNTY}-PETITION"
BUREAUS = (f"{COUNTY}-HOUSING", f"{COUNTY}-EDUCATION")
ASSISTANT = f"{COUNTY}-JUSTICE"
