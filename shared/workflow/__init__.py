"""The workflow kit: a noun with states declares a table, guards and acts, and gets the rest."""
