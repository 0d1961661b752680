"""Relief 救助: applications, payments and the ledger of funds."""
