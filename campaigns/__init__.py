"""Cadences, offers, events. Its tables come with the first cadence."""
