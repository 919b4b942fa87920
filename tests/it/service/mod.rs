//! What a worker tells its host, and what is shipped for the host.

mod probes;
mod shipped;
mod systemd;
