"""Outbox and channels: how a message leaves the house. Its tables come with the first message."""
