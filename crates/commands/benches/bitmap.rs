//! The hot loops of the bitmap commands: counting, finding and combining bits over large strings.

fn main() {
    divan::main();
}
