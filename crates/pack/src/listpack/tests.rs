//! The listpack against a plain list of texts.

use arbtest::arbtest;

use super::{Element, Listpack};

fn text(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=6)? {
        0 => u.arbitrary::<i8>()?.to_string().into_bytes(),
        1 => u.arbitrary::<i16>()?.to_string().into_bytes(),
        2 => u.arbitrary::<i32>()?.to_string().into_bytes(),
        3 => u.arbitrary::<i64>()?.to_string().into_bytes(),
        4 => vec![b'x'; u.int_in_range(0..=140)?],
        5 => vec![b'y'; u.int_in_range(4080..=17000)?],
        _ => u.arbitrary()?,
    })
}

#[test]
fn changes_agree_with_a_list_of_texts() {
    arbtest(|u| {
        let (mut listpack, mut model) = (Listpack::new(), Vec::<Vec<u8>>::new());
        for _ in 0..u.int_in_range(0..=30)? {
            let index = u.int_in_range(0..=model.len())?;
            let at = listpack.position_of(index.cast_signed()).unwrap_or_else(|| listpack.end());
            match u.int_in_range(0..=6)? {
                0 | 1 => {
                    let text = text(u)?;
                    assert_eq!(listpack.insert(at, &text), at);
                    model.insert(index, text);
                }
                2 => {
                    let text = text(u)?;
                    listpack.push_front(&text);
                    model.insert(0, text);
                }
                3 if index < model.len() => {
                    model[index] = text(u)?;
                    assert_eq!(listpack.replace(at, &model[index]), at);
                }
                4 => {
                    let count = u.int_in_range(0..=4)?;
                    listpack.remove_range(index.cast_signed(), count);
                    model.drain(index..(index + count).min(model.len()));
                }
                5 => {
                    let rest = listpack.split_off(at);
                    assert!(rest.iter().map(Element::to_vec).eq(model[index..].iter().cloned()));
                    listpack.append(&rest);
                }
                _ => {
                    let text = text(u)?;
                    listpack.push(&text);
                    model.push(text);
                }
            }
            agrees(&listpack, &model);
        }
        Ok(())
    });
}

fn agrees(listpack: &Listpack, model: &[Vec<u8>]) {
    assert_eq!(listpack.len(), model.len());
    assert!(listpack.iter().map(Element::to_vec).eq(model.iter().cloned()));
    assert!(listpack.iter().rev().map(Element::to_vec).eq(model.iter().rev().cloned()));
    assert_eq!(Listpack::from_bytes(listpack.as_bytes()).as_ref(), Ok(listpack));
    for (index, text) in model.iter().enumerate() {
        let found = listpack.find(text, 0).unwrap();
        let first = model.iter().position(|other| other == text).unwrap();
        assert_eq!(Some(found), listpack.position_of(first.cast_signed()));
        let from_end = index.cast_signed() - model.len().cast_signed();
        assert_eq!(listpack.position_of(from_end), listpack.position_of(index.cast_signed()));
    }
}
