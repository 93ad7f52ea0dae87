//! The fields of a configuration, read one by one with their bounds.

use serde_json::{Map, Value};

use crate::error::ConfigError;

/// The largest values that a field may have. Generous: each is above that of any published
/// network, and no count that they allow overflows 64 bits.
pub mod bounds {
    /// Length of a token's vector, and of all heads together.
    pub const WIDTH: u64 = 1 << 20;
    /// Hidden width of a block's network, or of all its experts together.
    pub const INNER: u64 = 1 << 22;
    /// Blocks.
    pub const LAYERS: u64 = 10_000;
    /// Words.
    pub const VOCABULARY: u64 = 1 << 27;
    /// Tokens of context.
    pub const POSITIONS: u64 = 1 << 24;
    /// Experts of a block.
    pub const EXPERTS: u64 = 1 << 14;
}

/// Text from outside, made fit for one line of a message.
pub(crate) fn one_line(text: &str) -> String {
    const LIMIT: usize = 200;
    let mut line: String =
        text.chars().take(LIMIT).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LIMIT).is_some() {
        line.push('…');
    }
    line
}

/// The fields of a configuration, with checks.
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

impl Fields<'_> {
    /// The first of `architectures`: what transformers builds.
    pub(super) fn network(&self) -> Result<Option<&str>, ConfigError> {
        let names = match self.0.get("architectures") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(names)) => names,
            Some(other) => {
                let fault = format!("{} is not a list of names", shown(other));
                return Err(ConfigError::new(
                    "architectures",
                    fault,
                    "write it as transformers does",
                ));
            }
        };
        match names.first() {
            None => Ok(None),
            Some(Value::String(name)) => Ok(Some(name)),
            Some(other) => {
                let fault = format!("{} is not a name", shown(other));
                Err(ConfigError::new("architectures", fault, "write it as transformers does"))
            }
        }
    }

    /// A whole number from 1 to `limit`; none where the field is absent or null.
    pub(super) fn optional(&self, field: &str, limit: u64) -> Result<Option<u64>, ConfigError> {
        let fix = format!("it must be a whole number from 1 to {limit}");
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) if (1..=limit).contains(&number) => Ok(Some(number)),
                _ => Err(ConfigError::new(field, format!("{} is out of range", shown(value)), fix)),
            },
        }
    }

    /// A whole number that has to be there.
    pub(super) fn required(&self, field: &str, limit: u64) -> Result<u64, ConfigError> {
        self.optional(field, limit)?.ok_or_else(|| {
            ConfigError::new(
                field,
                "it is missing",
                format!("add it: a whole number from 1 to {limit}"),
            )
        })
    }

    /// A field that GPT-2 spells in its own way and other libraries in the common way.
    pub(super) fn either(&self, field: &str, common: &str, limit: u64) -> Result<u64, ConfigError> {
        match self.optional(common, limit)? {
            Some(number) if !self.0.contains_key(field) => Ok(number),
            _ => self.required(field, limit),
        }
    }

    pub(super) fn flag(&self, field: &str, default: bool) -> Result<bool, ConfigError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(ConfigError::new(
                field,
                format!("{} is neither", shown(other)),
                "it must be true or false",
            )),
        }
    }

    /// A whole number from 0 to `limit`, or the default where the field is absent or null.
    pub(super) fn zero_or_more(
        &self,
        field: &str,
        limit: u64,
        default: u64,
    ) -> Result<u64, ConfigError> {
        match self.0.get(field) {
            Some(Value::Number(number)) if number.as_u64() == Some(0) => Ok(0),
            _ => Ok(self.optional(field, limit)?.unwrap_or(default)),
        }
    }

    /// A list; none where the field is absent, null or empty.
    pub(super) fn list(&self, field: &str) -> Result<Option<&[Value]>, ConfigError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values.as_slice()).filter(|v| !v.is_empty())),
            Some(other) => {
                let fault = format!("{} is not a list", shown(other));
                Err(ConfigError::new(field, fault, "write it as transformers does"))
            }
        }
    }

    /// Whether each of so many blocks is in a list of blocks; none where there is no list.
    pub(super) fn members(
        &self,
        field: &str,
        layers: u64,
    ) -> Result<Option<Vec<bool>>, ConfigError> {
        let Some(values) = self.list(field)? else { return Ok(None) };
        let mut members = vec![false; layers as usize];
        for value in values {
            let place = value.as_u64().and_then(|i| members.get_mut(usize::try_from(i).ok()?));
            *place.ok_or_else(|| {
                let fault = format!("{} is no block", shown(value));
                ConfigError::new(field, fault, format!("blocks are 0 to {}", layers - 1))
            })? = true;
        }
        Ok(Some(members))
    }
}

/// `number / parts`, where it is whole.
pub(super) fn divide(
    field: &str,
    number: u64,
    other: &str,
    parts: u64,
) -> Result<u64, ConfigError> {
    if number.is_multiple_of(parts) {
        return Ok(number / parts);
    }
    let fault = format!("{number} is not divisible by {other}, {parts}");
    Err(ConfigError::new(field, fault, "correct one of the two"))
}

pub(super) fn check_attention(heads: u64, head_width: u64) -> Result<(), ConfigError> {
    if heads * head_width <= bounds::WIDTH {
        return Ok(());
    }
    let fault = format!("{heads} heads of {head_width} are too wide");
    Err(ConfigError::new("head_dim", fault, format!("together they may have {}", bounds::WIDTH)))
}

/// A value from the file, short enough for a message.
pub(super) fn shown(value: &Value) -> String {
    const LIMIT: usize = 40;
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        other => {
            let text = one_line(&other.to_string());
            match text.chars().nth(LIMIT) {
                Some(_) => text.chars().take(LIMIT).chain(['…']).collect(),
                None => text,
            }
        }
    }
}
