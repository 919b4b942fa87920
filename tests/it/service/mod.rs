//! What a worker tells its host, and what is shipped for the host.

mod package;
mod probes;
mod reference;
mod reload;
mod shipped;
mod systemd;
