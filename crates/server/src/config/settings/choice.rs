//! Parameters that are one of several names.

/// An enum of a parameter's names: the variants in the order that the refusal lists them.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)*
        }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$variant),*];
            pub(in crate::config) const NAMES: &'static [&'static str] = &[$($text),*];

            /// The name in the configuration.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl crate::config::slot::Stored<crate::config::slot::Pick> for $name {
            fn load(&self) -> crate::config::slot::Pick {
                crate::config::slot::Pick(Self::ALL.iter().position(|choice| choice == self).unwrap_or_default())
            }
            fn store(value: crate::config::slot::Pick) -> Self {
                Self::ALL.get(value.0).copied().unwrap_or_default()
            }
        }
    };
}
pub(super) use choice;
