"""What is seen of a bot and written into the evidence; judges nothing. Imports system and store."""
