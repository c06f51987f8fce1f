//! What leaves, and in which order.
