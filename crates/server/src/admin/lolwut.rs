//! LOLWUT: a picture, and the version.
//!
//! Redis draws generative art here, a different one for each version. Ours is a strip of ochre cliff in block characters, new at
//! every call: a midpoint displacement, so that each height lies between its neighbours.

use command_api::{Arg, Args, CommandResult, Docs, Flow, Group, Reply};

use crate::info::{OCHRE_VERSION, REDIS_VERSION};
use crate::{ServerCommand, ServerContext};

pub(super) const LOLWUT: ServerCommand =
    ServerCommand::new("lolwut", lolwut).since("5.0.0").arity(-1).readonly().fast().docs(&LOLWUT_DOCS);

/// A power of two and one, for the displacement to halve.
const COLUMNS: usize = 65;
const ROWS: i32 = 8;

fn lolwut(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.accept("VERSION") {
        args.int()?;
    }
    // Redis leaves it to each picture which further arguments it takes; this one takes none, and ignores them.
    let mut picture = cliff(cx.data.rng);
    picture.push_str(&format!("\nRedis ver. {REDIS_VERSION}, Ochre {OCHRE_VERSION}\n"));
    reply.verbatim(b"txt", picture.as_bytes());
    Ok(Flow::Done)
}

fn cliff(rng: &mut fastrand::Rng) -> String {
    let mut heights = [0_i32; COLUMNS];
    heights[0] = rng.i32(1..ROWS);
    heights[COLUMNS - 1] = rng.i32(1..ROWS);
    let mut step = COLUMNS - 1;
    let mut roughness = ROWS / 2;
    while step > 1 {
        for left in (0..COLUMNS - 1).step_by(step) {
            let mean = (heights[left] + heights[left + step]) / 2;
            heights[left + step / 2] = (mean + rng.i32(-roughness..=roughness)).clamp(1, ROWS);
        }
        step /= 2;
        roughness = (roughness / 2).max(1);
    }
    let mut picture = String::new();
    for row in (1..=ROWS).rev() {
        let line: String = heights.iter().map(|&height| if height >= row { '#' } else { ' ' }).collect();
        picture.push_str(line.trim_end());
        picture.push('\n');
    }
    picture
}

const LOLWUT_DOCS: Docs = Docs::new("Draws a picture and tells the version.", Group::Server, "")
    .arguments(&[Arg::integer("version").token("VERSION").optional()]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn lolwut_ends_with_the_version() {
        check(
            "
            @only ochre
            > LOLWUT              => ~'*Redis ver. 8.0.0, Ochre *'
            > LOLWUT VERSION 5    => ~'*Redis ver. 8.0.0, Ochre *'
            > LOLWUT VERSION x    => (error) ERR value is not an integer or out of range
        ",
        );
    }
}
