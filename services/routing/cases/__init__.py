"""Cases 信访事项: what a case is, its referrals, parts, acts and rows."""
