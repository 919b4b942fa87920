//! The life of a report row as a model, and every order in which its steps can happen.
//!
//! The model holds what decides: the application's word, the dispatch row, the reserved version, what is published, the
//! documents, and the runs, which are the claims that workers hold. Each action is one statement or one transaction of
//! the real thing, so between any two actions of one run everything else may happen. A frozen worker is a run that takes
//! no step for a while; a dead one is a run that is gone; a lease may run out under a run that lives.
//!
//! What comes from outside has a budget: troubles (deaths, delays, errors) and changes by the application. What remains
//! are our own steps, and they come to an end by themselves. So every path is finite, and a state in which no own step is
//! left is where a path ends: there every row must have ended and nothing may be left over.
//!
//! Each guard of the real statements can be taken away ([`guard::Guard`]), and then the checker must find what goes wrong.

mod action;
mod documents;
mod faults;
mod guard;
mod guarded;
mod machine;
mod own;
mod properties;
mod run;
mod state;
mod statements;
mod unguarded;
