mod contract;
mod fields;
mod fixture;
mod history;
mod parts;
mod people;
