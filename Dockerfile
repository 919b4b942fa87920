# The worker as an image: docker build --tag orrery .
# There was no container engine where this was written: it was never built.

FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --release --bin orrery

# Nothing but the C library is needed: certificates to trust, time zones and migrations are inside the program.
FROM debian:12.11-slim
COPY --from=build /src/target/release/orrery /usr/bin/orrery
COPY LICENSE-MIT LICENSE-APACHE NOTICE /usr/share/doc/orrery/
# No name and no home: a number that owns nothing.
USER 65532:65532
# Addresses and passwords come as files or variables when it runs: ORRERY_POSTGRES_URL_FILE, ORRERY_MONGODB_URI_FILE.
ENTRYPOINT ["/usr/bin/orrery"]
CMD ["run"]
