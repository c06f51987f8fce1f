//! Who a connection is: passwords, the default user, and who is thrown out.

use crate::testing::check;

#[test]
fn names_and_passwords_let_in() {
    check(
        r"
        @since 8.0 valkey 9.1
        A> ACL SETUSER u on >pw +acl|whoami   => OK
        B> AUTH u wrong                   => (error) WRONGPASS invalid username-password pair or user is disabled.
        B> AUTH nobody pw                 => (error) WRONGPASS invalid username-password pair or user is disabled.
        B> HELLO 3 AUTH u wrong           => (error) WRONGPASS invalid username-password pair or user is disabled.
        B> ACL WHOAMI                     => 'default'
        B> AUTH u pw                      => OK
        B> ACL WHOAMI                     => 'u'
        B> PING                           => (error) NOPERM User u has no permissions to run the 'ping' command
        B> AUTH u wrong                   => (error) WRONGPASS invalid username-password pair or user is disabled.
        B> ACL WHOAMI                     => 'u'
        B> RESET                          => RESET
        B> ACL WHOAMI                     => 'default'
        A> ACL SETUSER u off              => OK
        B> AUTH u pw                      => (error) WRONGPASS invalid username-password pair or user is disabled.
        A> ACL SETUSER u nopass           => OK
        B> AUTH u pw                      => (error) WRONGPASS invalid username-password pair or user is disabled.
        A> ACL SETUSER u on               => OK
        B> AUTH u anything                => OK
        A> ACL SETUSER u off resetpass    => OK
        B> ACL WHOAMI                     => 'u'
        B> AUTH default ''                => OK
        B> AUTH a b c                     => (error) ERR syntax error
        A> ACL DELUSER u                  => 1
    ",
    );
}

#[test]
fn requirepass_is_the_default_users_password() {
    check(
        r"
        @since 8.0 valkey 9.1
        @resp2
        A> CONFIG GET requirepass         => {'requirepass': ''}
        B> AUTH x                         => (error) ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?
        A> ACL SETUSER default >abc       => OK
        A> CONFIG GET requirepass         => {'requirepass': ''}
        B> PING                           => PONG
        C> PING                           => (error) NOAUTH Authentication required.
        C> HELLO 3                        => (error) NOAUTH HELLO must be called with the client already ...
        C> AUTH abc                       => OK
        C> AUTH x                         => (error) WRONGPASS invalid username-password pair or user is disabled.
        A> CONFIG SET requirepass xyz     => OK
        C> AUTH abc                       => (error) WRONGPASS invalid username-password pair or user is disabled.
        C> AUTH xyz                       => OK
        A> CONFIG SET requirepass ''      => OK
        C> AUTH xyz                       => (error) ERR AUTH <password> called without any password configured ...
        A> ACL SETUSER default resetpass  => OK
        D> AUTH x                         => (error) WRONGPASS invalid username-password pair or user is disabled.
        D> AUTH default ''                => (error) WRONGPASS invalid username-password pair or user is disabled.
        A> ACL SETUSER default nopass off => OK
        D> PING                           => (error) NOAUTH Authentication required.
        D> AUTH x                         => (error) ERR AUTH <password> called without any password configured ...
        D> AUTH default x                 => (error) WRONGPASS invalid username-password pair or user is disabled.
        A> ACL SETUSER default on         => OK
        D> PING                           => PONG
        A> ACL LOG RESET                  => OK
    ",
    );
}

#[test]
fn rights_of_the_default_user_can_be_taken() {
    check(
        r"
        @since 8.0 valkey 9.1
        A> ACL SETUSER default -config    => OK
        A> CONFIG GET port                => (error) NOPERM User default has no permissions to run the 'config|get' command
        A> ACL SETUSER default +@all      => OK
        A> CONFIG GET port                => *
        A> ACL LOG RESET                  => OK
    ",
    );
}

#[test]
fn a_deleted_users_connections_are_closed() {
    check(
        r"
        @skip-lens restore its own connection is one of the clients
        A> ACL SETUSER u on nopass +@all  => OK
        B> AUTH u x                       => OK
        C> PING                           => PONG
        A> CLIENT KILL USER nobody        => (error) 'ERR No such user \'nobody\''
        A> ACL DELUSER u                  => 1
        B> PING                           => (closed)
        C> PING                           => PONG
        A> ACL SETUSER u on nopass +@all  => OK
        D> AUTH u x                       => OK
        D> ACL DELUSER u                  => 1
                                          => (closed)
        A> ACL SETUSER u on nopass +@all  => OK
        E> AUTH u x                       => OK
        A> CLIENT KILL USER u             => 1
        E> PING                           => (closed)
        A> CLIENT KILL USER u             => 0
        F> AUTH u x                       => OK
        F> CLIENT INFO                    => ~'* user=u *'
        A> ACL DELUSER u                  => 1
    ",
    );
}

#[test]
fn subscribers_that_lose_their_channel_are_closed() {
    check(
        r"
        @resp3
        @since 8.0 valkey 9.1
        A> ACL SETUSER u on nopass &a* &b +@all   => OK
        B> AUTH u x                       => OK
        B> SUBSCRIBE a1                   => >['subscribe', 'a1', 1]
        C> AUTH u x                       => OK
        C> PSUBSCRIBE a*                  => >['psubscribe', 'a*', 1]
        D> AUTH u x                       => OK
        D> SUBSCRIBE b                    => >['subscribe', 'b', 1]
        E> AUTH u x                       => OK
        E> SSUBSCRIBE a1                  => >['ssubscribe', 'a1', 1]
        A> ACL SETUSER u resetchannels &b => OK
        B> PING                           => (closed)
        C> PING                           => (closed)
        E> PING                           => (closed)
        D> PING                           => PONG
        A> ACL SETUSER u resetchannels (allchannels)  => OK
        D> PING                           => PONG
        A> ACL SETUSER u clearselectors   => OK
        D> PING                           => (closed)
        A> ACL DELUSER u                  => 1
    ",
    );
}
