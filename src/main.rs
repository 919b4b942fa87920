//! The `orrery` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    orrery::cli::main()
}
