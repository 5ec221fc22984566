//! One operation of an API: what it is given and where its answer has what is looked for.

use crate::api::Api;

/// What a parameter is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    Text(&'static str),
    Number(i64),
    Flag(bool),
    /// From the item the call is about, by path.
    Of(&'static str),
    /// The same as the only element of a list.
    OneOf(&'static str),
    /// A structure, written as JSON.
    Json(&'static str),
    /// Texts as a list.
    List(&'static [&'static str]),
    /// The account's id.
    Account,
}

/// How an operation gives its answer in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The parameter that takes the token.
    pub send: &'static str,
    /// The path of the next token in the answer.
    pub read: &'static str,
}

/// An operation. Built by the constants of a service: `EC2.call("DescribeVpcs").items("vpcSet.item")`.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub api: &'static Api,
    pub operation: &'static str,
    /// The name under which an item keeps the answer; the operation's unless it is asked twice.
    pub alias: &'static str,
    /// Of REST APIs: method, and path with `{Parameter}` in it.
    pub method: &'static str,
    pub path: &'static str,
    pub given: &'static [(&'static str, Given)],
    /// Of a PUT in XML: the document.
    pub body: &'static str,
    /// Where the answer has what is listed. Empty means the answer itself, as one item.
    pub items: &'static str,
    pub paging: Option<Paging>,
    /// Error codes that say that there is nothing.
    pub absent: &'static [&'static str],
    /// Its IAM action where that is not named as the operation.
    pub action: &'static str,
    /// Asked only of items that this holds for.
    pub when: fn(&serde_json::Value) -> bool,
    /// Asked whatever kinds are wanted, because it says of what kind an item is, or where.
    pub always: bool,
    /// Where the items are no part of the answer but made from it.
    pub rows: Option<fn(&serde_json::Value) -> Vec<serde_json::Value>>,
    /// Asked again until the answer has this text at this path.
    pub until: Option<(&'static str, &'static str)>,
}

impl Api {
    /// An operation of an API whose requests all go to `/`.
    pub const fn call(&'static self, operation: &'static str) -> Call {
        self.rest("POST", "/", operation)
    }

    /// A read of a REST API.
    pub const fn get(&'static self, path: &'static str, operation: &'static str) -> Call {
        self.rest("GET", path, operation)
    }

    /// A setting of an API that takes XML.
    pub const fn put(&'static self, path: &'static str, operation: &'static str, body: &'static str) -> Call {
        let mut call = self.rest("PUT", path, operation);
        call.body = body;
        call
    }

    pub const fn rest(&'static self, method: &'static str, path: &'static str, operation: &'static str) -> Call {
        Call {
            api: self,
            operation,
            alias: operation,
            method,
            path,
            given: &[],
            body: "",
            items: "",
            paging: None,
            absent: &[],
            action: "",
            when: |_| true,
            always: false,
            rows: None,
            until: None,
        }
    }
}

impl Call {
    #[must_use]
    pub const fn given(mut self, given: &'static [(&'static str, Given)]) -> Call {
        self.given = given;
        self
    }

    #[must_use]
    pub const fn items(mut self, path: &'static str) -> Call {
        self.items = path;
        self
    }

    #[must_use]
    pub const fn paged(mut self, send: &'static str, read: &'static str) -> Call {
        self.paging = Some(Paging { send, read });
        self
    }

    #[must_use]
    pub const fn absent(mut self, codes: &'static [&'static str]) -> Call {
        self.absent = codes;
        self
    }

    #[must_use]
    pub const fn action(mut self, action: &'static str) -> Call {
        self.action = action;
        self
    }

    #[must_use]
    pub const fn alias(mut self, alias: &'static str) -> Call {
        self.alias = alias;
        self
    }

    #[must_use]
    pub const fn when(mut self, when: fn(&serde_json::Value) -> bool) -> Call {
        self.when = when;
        self
    }

    #[must_use]
    pub const fn always(mut self) -> Call {
        self.always = true;
        self
    }

    #[must_use]
    pub const fn rows(mut self, rows: fn(&serde_json::Value) -> Vec<serde_json::Value>) -> Call {
        self.rows = Some(rows);
        self
    }

    #[must_use]
    pub const fn until(mut self, path: &'static str, text: &'static str) -> Call {
        self.until = Some((path, text));
        self
    }

    /// The IAM action that allows it.
    pub fn permission(&self) -> String {
        if self.action.is_empty() { format!("{}:{}", self.api.actions, self.operation) } else { self.action.to_owned() }
    }

    /// The items' paths that it is given.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        self.given.iter().filter_map(|(_, given)| match given {
            Given::Of(path) | Given::OneOf(path) => Some(*path),
            _ => None,
        })
    }
}
