"""Digital VAT invoices (数电发票): requested by customers; issued, reversed and kept by a platform behind a port."""
