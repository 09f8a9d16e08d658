"""Customers, vehicles, ownership, visits, surveys, complaints, contacts, appointments, consent."""
