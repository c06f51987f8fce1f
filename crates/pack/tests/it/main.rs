//! The encodings from outside: against models, real servers' bytes, documentation, hostile bytes.

mod documented;
mod golden;
mod hostile;
mod model;
mod states;

use std::collections::BTreeSet;

use arbtest::arbtest;
use pack::{Intset, Listpack};

#[test]
fn a_listpack_changes_as_a_list_of_texts_does() {
    arbtest(|u| {
        let (mut listpack, mut texts) = (Listpack::new(), Vec::new());
        for op in u.arbitrary_iter::<model::ListOp>()? {
            op?.apply(&mut listpack, &mut texts);
            model::assert_same(&listpack, &texts);
        }
        Ok(())
    });
}

#[test]
fn an_intset_changes_as_a_tree_set_does() {
    arbtest(|u| {
        let (mut set, mut members) = (Intset::new(), BTreeSet::new());
        for op in u.arbitrary_iter::<model::SetOp>()? {
            op?.apply(&mut set, &mut members);
        }
        Ok(())
    });
}
