"""Who calls, who acts, and the bodies most acts share."""
