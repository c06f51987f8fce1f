//! Keyspace events: what happened to keys, published for whoever asked.

use command_api::{Effects, Event as Class, Record};
use keyspace::{KeyEvent, KeyEvents};

use super::Kind;
use crate::config::NotifyFlags;
use crate::node::{Live, Node};

/// The channels that tell of fields.
pub(crate) const PARTS: NotifyFlags = NotifyFlags::SUBKEYSPACE
    .union(NotifyFlags::SUBKEYEVENT)
    .union(NotifyFlags::SUBKEYSPACE_ITEM)
    .union(NotifyFlags::SUBKEYSPACE_EVENT);

/// All classes that a letter selects.
const CLASSES: NotifyFlags = NotifyFlags::GENERIC
    .union(NotifyFlags::STRING)
    .union(NotifyFlags::LIST)
    .union(NotifyFlags::SET)
    .union(NotifyFlags::HASH)
    .union(NotifyFlags::ZSET)
    .union(NotifyFlags::STREAM)
    .union(NotifyFlags::ARRAY)
    .union(NotifyFlags::EXPIRED)
    .union(NotifyFlags::EVICTED);

/// The configuration's flag for a class.
const fn flag(class: Class) -> NotifyFlags {
    match class {
        Class::Generic => NotifyFlags::GENERIC,
        Class::String => NotifyFlags::STRING,
        Class::List => NotifyFlags::LIST,
        Class::Set => NotifyFlags::SET,
        Class::Hash => NotifyFlags::HASH,
        Class::SortedSet => NotifyFlags::ZSET,
        Class::Stream => NotifyFlags::STREAM,
        Class::Array => NotifyFlags::ARRAY,
        Class::Expired => NotifyFlags::EXPIRED,
        Class::Evicted => NotifyFlags::EVICTED,
        Class::New => NotifyFlags::NEW,
        Class::KeyMiss => NotifyFlags::KEY_MISS,
        Class::Overwritten => NotifyFlags::OVERWRITTEN,
        Class::TypeChanged => NotifyFlags::TYPE_CHANGED,
    }
}

/// What happens to keys whatever the command, as far as somebody may hear of it.
pub(crate) const fn key_events(flags: NotifyFlags) -> KeyEvents {
    if !flags.intersects(NotifyFlags::KEYSPACE.union(NotifyFlags::KEYEVENT)) {
        return KeyEvents::NONE;
    }
    KeyEvents::NONE
        .with(KeyEvent::Missed, flags.intersects(NotifyFlags::KEY_MISS))
        .with(KeyEvent::Created, flags.intersects(NotifyFlags::NEW))
        .with(KeyEvent::Overwritten, flags.intersects(NotifyFlags::OVERWRITTEN))
        .with(KeyEvent::TypeChanged, flags.intersects(NotifyFlags::TYPE_CHANGED))
}

impl Node {
    /// Publishes the events that a command recorded.
    pub(crate) fn publish_events(&self, live: &Live, effects: &Effects) {
        for record in effects.records() {
            match record {
                Record::Notify { class, name, db, key } => {
                    self.publish_event(live, *class, name, *db, effects.bytes(key));
                }
                Record::NotifyParts { class, name, db, key, parts } => {
                    let parts = parts.iter().map(|part| effects.bytes(part));
                    self.publish_parts(live, *class, name, *db, effects.bytes(key), parts);
                }
                Record::FoundExpired { .. } | Record::Command { .. } => {}
            }
        }
    }

    /// Publishes which fields an event was about, in the four forms of Redis 8.8. Lengths stand in front of names, for those may hold any
    /// byte; where a name could be taken for the end of another, nothing is told. Without any letter of a class all classes are told, as
    /// the page on subkey notifications shows; with letters, those.
    pub(crate) fn publish_parts<'p>(
        &self,
        live: &Live,
        class: Class,
        name: &str,
        db: usize,
        key: &[u8],
        parts: impl Iterator<Item = &'p [u8]> + Clone,
    ) {
        let flags = live.settings.monitoring.notify_keyspace_events;
        let wanted = flags.intersects(flag(class)) || !flags.intersects(CLASSES);
        if !flags.intersects(PARTS) || !wanted || self.pubsub.is_empty() || parts.clone().next().is_none() {
            return;
        }
        let publish = |channel: &[u8], text: &[u8]| {
            self.pubsub.publish(&*self.host, Kind::Channel, channel, text);
        };
        let mut list = Vec::new();
        for part in parts.clone() {
            if !list.is_empty() {
                list.push(b',');
            }
            list.extend_from_slice(format!("{}:", part.len()).as_bytes());
            list.extend_from_slice(part);
        }
        let bar = &b"|"[..];
        if flags.intersects(NotifyFlags::SUBKEYSPACE) && !name.contains('|') {
            let channel = [format!("__subkeyspace@{db}__:").as_bytes(), key].concat();
            publish(&channel, &[name.as_bytes(), bar, &list].concat());
        }
        if flags.intersects(NotifyFlags::SUBKEYEVENT) {
            let channel = format!("__subkeyevent@{db}__:{name}");
            publish(channel.as_bytes(), &[format!("{}:", key.len()).as_bytes(), key, bar, &list].concat());
        }
        if flags.intersects(NotifyFlags::SUBKEYSPACE_ITEM) && !key.contains(&b'\n') {
            for part in parts {
                let channel = [format!("__subkeyspaceitem@{db}__:").as_bytes(), key, b"\n", part].concat();
                publish(&channel, name.as_bytes());
            }
        }
        if flags.intersects(NotifyFlags::SUBKEYSPACE_EVENT) && !name.contains('|') {
            let channel = [format!("__subkeyspaceevent@{db}__:{name}|").as_bytes(), key].concat();
            publish(&channel, &list);
        }
    }

    /// Publishes one event, if anybody may hear of its class.
    pub(crate) fn publish_event(&self, live: &Live, class: Class, name: &str, db: usize, key: &[u8]) {
        let flags = live.settings.monitoring.notify_keyspace_events;
        if !flags.intersects(flag(class)) || self.pubsub.is_empty() {
            return;
        }
        if flags.intersects(NotifyFlags::KEYSPACE) {
            let channel = [format!("__keyspace@{db}__:").as_bytes(), key].concat();
            self.pubsub.publish(&*self.host, Kind::Channel, &channel, name.as_bytes());
        }
        if flags.intersects(NotifyFlags::KEYEVENT) {
            let channel = format!("__keyevent@{db}__:{name}");
            self.pubsub.publish(&*self.host, Kind::Channel, channel.as_bytes(), key);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn fields_are_told_in_four_forms() {
        check(
            r"
            @since 8.8
            A> CONFIG SET notify-keyspace-events ST   => OK
            B> PSUBSCRIBE __sub*                      => >['psubscribe', '__sub*', 1]
            A> HSET myhash field1 val1 field2 val2    => 2
            B:                                        => >['pmessage', '__sub*', '__subkeyspace@0__:myhash', 'hset|6:field1,6:field2']
            B:                                        => >['pmessage', '__sub*', '__subkeyevent@0__:hset', '6:myhash|6:field1,6:field2']
            A> CONFIG SET notify-keyspace-events IV   => OK
            A> HDEL myhash field1 none                => 1
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceitem@0__:myhash\nfield1', 'hdel']
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hdel|myhash', '6:field1']
            A> HDEL myhash none                       => 0
            A> CONFIG SET notify-keyspace-events Vg   => OK
            A> HSET myhash field2 x                   => 0
            A> CONFIG SET notify-keyspace-events Vh   => OK
            A> HINCRBY myhash n 2                     => 2
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hincrby|myhash', '1:n']
            A> HEXPIRE myhash 100 FIELDS 2 n none     => [1, -2]
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hexpire|myhash', '1:n']
            A> HPERSIST myhash FIELDS 2 n field2      => [1, -1]
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hpersist|myhash', '1:n']
            A> HGETEX myhash EX 100 FIELDS 1 n        => ['2']
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hexpire|myhash', '1:n']
            A> HGETDEL myhash FIELDS 1 n              => ['2']
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hdel|myhash', '1:n']
            A> HSETEX myhash PX 5 FIELDS 1 a b        => 1
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hset|myhash', '1:a']
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hexpire|myhash', '1:a']
            @now +1s
            A> HLEN myhash                            => 1
            B:                                        => >['pmessage', '__sub*', '__subkeyspaceevent@0__:hexpired|myhash', '1:a']
            A> CONFIG SET notify-keyspace-events ''   => OK
        ",
        );
    }

    #[test]
    fn events_reach_those_who_asked() {
        check(
            r"
            A> CONFIG SET notify-keyspace-events KEA  => OK
            B> PSUBSCRIBE __key*__:*                  => >['psubscribe', '__key*__:*', 1]
            A> SET k v                                => OK
            B:                                        => >['pmessage', '__key*__:*', '__keyspace@0__:k', 'set']
            B:                                        => >['pmessage', '__key*__:*', '__keyevent@0__:set', 'k']
            A> CONFIG SET notify-keyspace-events Kg   => OK
            A> SET k w                                => OK
            A> DEL k                                  => 1
            B:                                        => >['pmessage', '__key*__:*', '__keyspace@0__:k', 'del']
        ",
        );
    }

    /// Asked of Redis 7.0.15 and 8.0.6.
    #[test]
    fn new_keys_and_keys_that_are_missed_say_so_before_the_command() {
        check(
            r"
            A> CONFIG SET notify-keyspace-events EAnm => OK
            A> SET old 1                              => OK
            B> PSUBSCRIBE __keyevent@*                => >['psubscribe', '__keyevent@*', 1]
            A> MSET a 1 old 2                         => OK
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:new', 'a']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:set', 'a']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:set', 'old']
            A> GETSET e 1                             => (nil)
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:keymiss', 'e']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:new', 'e']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:set', 'e']
            A> SUNIONSTORE s none                     => 0
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:keymiss', 'none']
            A> RENAME a old                           => OK
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:new', 'old']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:rename_from', 'a']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:rename_to', 'old']
            A> LPUSH l 1                              => 1
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:new', 'l']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:lpush', 'l']
            A> XINFO STREAM none                      => (error) ERR no such key
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:keymiss', 'none']
            A> MOVE l 1                               => 1
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@1__:new', 'l']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:move_from', 'l']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@1__:move_to', 'l']
        ",
        );
    }

    #[test]
    fn values_that_are_thrown_away_for_others_say_so() {
        check(
            r"
            @since 8.2
            @only redis ochre
            A> CONFIG SET notify-keyspace-events EAoc => OK
            A> SET k 1                                => OK
            A> LPUSH l 1                              => 1
            B> PSUBSCRIBE __keyevent@*                => >['psubscribe', '__keyevent@*', 1]
            A> SET k 2                                => OK
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:overwritten', 'k']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:set', 'k']
            A> INCR k                                 => 3
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:incrby', 'k']
            A> INCRBYFLOAT k 0.5                      => '3.5'
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:incrbyfloat', 'k']
            A> SET l 2                                => OK
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:overwritten', 'l']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:type_changed', 'l']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:set', 'l']
            A> COPY k l REPLACE                       => 1
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:copy_to', 'l']
            B:                                        => >['pmessage', '__keyevent@*', '__keyevent@0__:overwritten', 'l']
        ",
        );
    }

    #[test]
    fn fields_that_expire_say_so() {
        check(
            r"
            @since 8.0
            @only redis ochre
            A> CONFIG SET notify-keyspace-events Egh  => OK
            A> HSET h f v g w                         => 2
            A> HPEXPIRE h 50 FIELDS 1 f               => [1]
            A> HPEXPIRE h 150 FIELDS 1 g              => [1]
            B> PSUBSCRIBE __keyevent@0__:*            => >['psubscribe', '__keyevent@0__:*', 1]
            @now +100ms
            B:                                        => >['pmessage', '__keyevent@0__:*', '__keyevent@0__:hexpired', 'h']
            @now +200ms
            B:                                        => >['pmessage', '__keyevent@0__:*', '__keyevent@0__:hexpired', 'h']
            B:                                        => >['pmessage', '__keyevent@0__:*', '__keyevent@0__:del', 'h']
        ",
        );
    }

    #[test]
    fn a_key_that_expires_says_so() {
        check(
            r"
            A> CONFIG SET notify-keyspace-events Ex   => OK
            A> SELECT 2                               => OK
            B> SUBSCRIBE __keyevent@2__:expired       => >['subscribe', '__keyevent@2__:expired', 1]
            A> SET k v PX 100                         => OK
            @now +200ms
            B:                                        => >['message', '__keyevent@2__:expired', 'k']
        ",
        );
    }
}
