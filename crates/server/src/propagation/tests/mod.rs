//! What leaves. That it is enough is held by the lens `replica`, under every transcript of the project.

mod commands;
mod order;
