"""What follows from the numbers: rules of services and of statistics, on plain values; nothing here reads or writes."""
