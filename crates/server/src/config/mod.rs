//! (interim)
use crate::ServerCommand;
pub(crate) const TABLE: &[&ServerCommand] = &[];
#[derive(Clone, Debug)]
pub struct Network { pub timeout_s: u32, pub maxclients: usize, pub protected_mode: bool }
#[derive(Clone, Debug)]
pub struct Settings { pub network: Network, pub general: General, pub security: Security, pub memory: Memory }
#[derive(Clone, Debug)]
pub struct General { pub threads: usize, pub databases: usize }
#[derive(Clone, Debug)]
pub struct Security { pub requirepass: String }
#[derive(Clone, Debug)]
pub struct Memory { pub lfu_log_factor: u32, pub lfu_decay_minutes: u32 }
#[derive(Clone, Debug)]
pub struct Config(pub Settings);
impl Config { pub fn settings(&self) -> &Settings { &self.0 }
 pub fn interim(threads: usize) -> Self { Self(Settings { network: Network{timeout_s:0,maxclients:10000,protected_mode:true}, general: General{threads, databases: 16}, security: Security{requirepass: String::new()}, memory: Memory{lfu_log_factor:10, lfu_decay_minutes:1} }) } }
