"""Posts 岗位: who may act for which organ, in which role, from when to when."""
