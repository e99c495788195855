//! A server of the billing API over generated customers, with a clock to set.
