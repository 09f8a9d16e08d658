"""Cases of lost customers. Its tables come with the first case."""
