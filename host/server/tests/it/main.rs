//! The service from outside, over a real socket.

#[cfg(test)]
mod access;
#[cfg(test)]
mod audited;
#[cfg(test)]
mod bodies;
#[cfg(all(test, unix))]
mod control;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod tokens;
