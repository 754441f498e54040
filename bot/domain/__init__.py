"""What is known about handoffs, replies, staff and alerts, without any database (bot/database maps these classes)."""
