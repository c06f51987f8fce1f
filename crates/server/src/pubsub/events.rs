//! Keyspace events: what happened to keys, published for whoever asked.

use command_api::{Effects, Event as Class, Record};

use super::Kind;
use crate::config::NotifyFlags;
use crate::node::{Live, Node};

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
    }
}

impl Node {
    /// Publishes the events that a command recorded.
    pub(crate) fn publish_events(&self, live: &Live, effects: &Effects) {
        for record in effects.records() {
            if let Record::Notify { class, name, db, key } = record {
                self.publish_event(live, *class, name, *db, effects.bytes(key));
            }
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
