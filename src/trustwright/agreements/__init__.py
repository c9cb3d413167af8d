"""Non-disclosure agreements: their versions, who accepted which, and how they are signed."""
