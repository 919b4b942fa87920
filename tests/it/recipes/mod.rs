//! What `docs/enqueue.md` tells applications: its functions, and its code as it stands there.

mod clients;
mod document;
mod functions;
