//! Sparse and dense against registers laid open, and hostile bytes.

use arbtest::arbtest;

use super::{HllError, Registers, Sketch, SketchRef};

fn registers(sketch: &Sketch) -> Registers {
    let mut registers = Registers::new();
    SketchRef::new(sketch.as_bytes()).unwrap().merge_into(&mut registers);
    registers
}

#[test]
fn both_encodings_agree_with_open_registers() {
    for max_bytes in [0, 30, 3000] {
        let (mut sketch, mut open) = (Sketch::new(), Registers::new());
        for element in 0..20_000_u32 {
            sketch.add(&element.to_le_bytes(), max_bytes);
            open.add(&element.to_le_bytes());
            if element % 997 == 0 {
                assert_eq!(registers(&sketch).values(), open.values(), "{element}");
                assert_eq!(sketch.as_ref().estimate(), open.estimate());
                assert!(sketch.as_ref().is_dense() || sketch.as_bytes().len() <= max_bytes.max(18));
            }
        }
        assert!(sketch.as_ref().is_dense());
        assert!((19_600..20_400).contains(&open.estimate()), "{}", open.estimate());
    }
}

#[test]
fn merging_is_seeing_the_elements_of_both() {
    for (first, second) in [(100, 100), (100, 9000), (9000, 100)] {
        let (mut a, mut b, mut both) = (Sketch::new(), Sketch::new(), Registers::new());
        for element in 0..first + second {
            let sketch = if element < first { &mut a } else { &mut b };
            sketch.add(format!("e{element}").as_bytes(), 3000);
            both.add(format!("e{element}").as_bytes());
        }
        a.merge(&registers(&b), 3000);
        assert_eq!(registers(&a).values(), both.values());
    }
}

#[test]
fn a_count_is_cached_until_a_register_changes() {
    let mut bytes = Sketch::new().as_bytes().to_vec();
    assert_eq!(SketchRef::cached_count(&bytes), Ok(Some(0)));
    Sketch::cache_count(&mut bytes, 77);
    assert_eq!(SketchRef::cached_count(&bytes), Ok(Some(77)));
    let mut sketch = Sketch::from_bytes(&bytes).unwrap();
    sketch.mark_stale();
    assert_eq!(SketchRef::cached_count(sketch.as_bytes()), Ok(None));
}

#[test]
fn strings_that_are_none_are_told_from_damaged_ones() {
    let good = Sketch::new().as_bytes().to_vec();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    for (bytes, error) in [
        (vec![], HllError::NotHll),
        (good[..15].to_vec(), HllError::NotHll),
        (with(0, b'h'), HllError::NotHll),
        (with(4, 2), HllError::NotHll),
        (with(4, 0), HllError::NotHll),
        (good[..16].to_vec(), HllError::Corrupted),
        (good[..17].to_vec(), HllError::Corrupted),
        (with(17, 0xfe), HllError::Corrupted),
        ([&good[..], &[0]].concat(), HllError::Corrupted),
        ([&good[..], &[0x7f]].concat(), HllError::Corrupted),
    ] {
        assert_eq!(SketchRef::new(&bytes).err(), Some(error), "{bytes:?}");
    }
}

#[test]
fn any_bytes_are_refused_or_stay_whole() {
    arbtest(|u| {
        let mut bytes = b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend(u.arbitrary::<Vec<u8>>()?);
        bytes.extend([0x7f, 0xff]);
        let used = super::sparse::runs(&bytes[16..bytes.len() - 2]).map(super::Run::len).sum::<usize>();
        if let Some(rest @ 1..) = super::REGISTERS.checked_sub(used) {
            let len = bytes.len();
            let [high, low] = u16::try_from(rest - 1).unwrap().to_be_bytes();
            bytes[len - 2..].copy_from_slice(&[0x40 | high, low]);
        }
        if let Ok(mut sketch) = Sketch::from_bytes(&bytes) {
            let mut open = registers(&sketch);
            for _ in 0..u.int_in_range(0..=20)? {
                let element: [u8; 4] = u.arbitrary()?;
                sketch.add(&element, 200);
                open.add(&element);
            }
            assert_eq!(registers(&sketch).values(), open.values());
        }
        Ok(())
    });
}
