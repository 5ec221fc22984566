//! Schedules and messages, with a clock that stands where a test puts it.

#[cfg(test)]
mod ended;
#[cfg(test)]
mod firing;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod telling;
