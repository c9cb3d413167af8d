"""The outbox: mails that commit with what they tell, and the job that sends them."""
