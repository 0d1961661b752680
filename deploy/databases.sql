-- One database per service; run once by the PostgreSQL image on an empty volume.
CREATE DATABASE intake;
CREATE DATABASE routing;
CREATE DATABASE supervision;
CREATE DATABASE analytics;
