//! Arrays of fixed size, and .NET's growing collections.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::{Changes, HashKey, TypeRef, Value};

/// What .NET says of a place that a list doesn't have.
pub const BEYOND: &str = "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')";

/// Where the item of that number is among so many: from the end if it is negative. `None` beyond.
pub fn place_of(n: i64, n_items: usize) -> Option<usize> {
    let at = if n < 0 { n + n_items as i64 } else { n };
    usize::try_from(at).ok().filter(|at| *at < n_items)
}

pub struct Array {
    pub items: RefCell<Vec<Value>>,
    /// `None` for `object[]`.
    pub of: Option<TypeRef>,
    /// The lengths of several dimensions; `None` if there is one.
    pub lengths: Option<Rc<[usize]>>,
}

impl Array {
    pub fn new(items: Vec<Value>) -> Self {
        Self {
            items: RefCell::new(items),
            of: None,
            lengths: None,
        }
    }

    pub fn typed(items: Vec<Value>, of: TypeRef) -> Self {
        Self {
            items: RefCell::new(items),
            of: Some(of),
            lengths: None,
        }
    }

    pub fn type_name(&self) -> String {
        let of = self.of.as_ref();
        let of = of.map_or("System.Object".to_owned(), TypeRef::full_name);
        format!("{of}[{}]", ",".repeat(self.rank() - 1))
    }

    /// How many dimensions it has.
    pub fn rank(&self) -> usize {
        self.lengths.as_ref().map_or(1, |lengths| lengths.len())
    }
}

#[derive(Clone)]
pub enum ListKind {
    ArrayList,
    /// `List<T>`
    List(TypeRef),
    /// `Collection<T>`, which `.Where()` and `.ForEach()` give.
    Collection(TypeRef),
    HashSet(TypeRef),
    SortedSet(TypeRef),
    Queue(TypeRef),
    Stack(TypeRef),
    /// Those of objects, which are older.
    PlainQueue,
    PlainStack,
}

pub struct List {
    pub items: RefCell<Vec<Value>>,
    pub kind: ListKind,
    /// For a set made with a comparer that ignores case.
    pub ignores_case: bool,
    pub changes: Changes,
    /// What a set has, for looking things up: made when it is first asked for.
    index: RefCell<Option<FxHashSet<HashKey>>>,
}

impl ListKind {
    /// What its items are, where the type says so.
    pub fn of(&self) -> Option<&TypeRef> {
        match self {
            Self::ArrayList | Self::PlainQueue | Self::PlainStack => None,
            Self::List(of)
            | Self::Collection(of)
            | Self::HashSet(of)
            | Self::SortedSet(of)
            | Self::Queue(of)
            | Self::Stack(of) => Some(of),
        }
    }
}

impl List {
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self {
            items: RefCell::new(items),
            kind,
            ignores_case: false,
            changes: Changes::default(),
            index: RefCell::default(),
        }
    }

    /// The items, to be changed: what goes through them ends then.
    pub fn change(&self) -> RefMut<'_, Vec<Value>> {
        self.changes.note();
        self.items.borrow_mut()
    }

    pub fn is_set(&self) -> bool {
        matches!(self.kind, ListKind::HashSet(_) | ListKind::SortedSet(_))
    }

    pub fn is_stack(&self) -> bool {
        matches!(self.kind, ListKind::Stack(_) | ListKind::PlainStack)
    }

    /// A set's items, to be taken away: only a sorted set's enumerations end then.
    pub fn items_of_set(&self) -> RefMut<'_, Vec<Value>> {
        *self.index.borrow_mut() = None;
        if let ListKind::SortedSet(_) = self.kind {
            self.changes.note();
        }
        self.items.borrow_mut()
    }

    /// Puts an item into a set that hasn't got it.
    pub fn insert_new(&self, at: usize, item: Value) {
        if let Some(index) = &mut *self.index.borrow_mut() {
            index.insert(HashKey::of(&item, !self.ignores_case));
        }
        self.change().insert(at, item);
    }

    pub fn type_name(&self) -> String {
        let (name, of) = match &self.kind {
            ListKind::ArrayList => return "System.Collections.ArrayList".to_owned(),
            ListKind::PlainQueue => return "System.Collections.Queue".to_owned(),
            ListKind::PlainStack => return "System.Collections.Stack".to_owned(),
            ListKind::List(of) => ("Generic.List", of),
            ListKind::Collection(of) => ("ObjectModel.Collection", of),
            ListKind::HashSet(of) => ("Generic.HashSet", of),
            ListKind::SortedSet(of) => ("Generic.SortedSet", of),
            ListKind::Queue(of) => ("Generic.Queue", of),
            ListKind::Stack(of) => ("Generic.Stack", of),
        };
        format!("System.Collections.{name}`1[[{}]]", of.full_name())
    }

    pub fn contains(&self, value: &Value) -> bool {
        let key = |item: &Value| HashKey::of(item, !self.ignores_case);
        let wanted = key(value);
        let items = self.items.borrow();
        if !self.is_set() {
            return items.iter().any(|item| key(item) == wanted);
        }
        let mut index = self.index.borrow_mut();
        let index = index.get_or_insert_with(|| items.iter().map(key).collect());
        index.contains(&wanted)
    }
}
