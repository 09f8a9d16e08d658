"""Groups, stores, staff, rights, versioned policies, audit log."""
