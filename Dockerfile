# The worker as an image: docker build --tag orrery .
# The base images could not be had where this was written: the second stage was built and run on a bare Debian 12, the first never.

FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
# Without its debug symbols the program is a fifth of the size.
RUN cargo build --locked --release --bin orrery && strip target/release/orrery

# Nothing but the C library is needed: certificates to trust, time zones and migrations are inside the program.
FROM debian:12.11-slim
COPY --from=build /src/target/release/orrery /usr/bin/orrery
COPY LICENSE-MIT LICENSE-APACHE NOTICE /usr/share/doc/orrery/
# No name and no home: a number that owns nothing.
USER 65532:65532
# Addresses and passwords come as files or variables when it runs: ORRERY_POSTGRES_URL_FILE, ORRERY_MONGODB_URI_FILE.
ENTRYPOINT ["/usr/bin/orrery"]
CMD ["run"]
