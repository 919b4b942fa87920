//! A command that ends in a list of documents, written into one piece of memory: lists of many megabytes are copied once.

use bson::raw::{CStr, RawArrayBuf, RawDocument, RawDocumentBuf, cstr};
use bson::spec::ElementType;
use mongodb::error::Error;

/// Bytes of a command besides the elements of its list, near enough.
const HEAD_BYTES: usize = 128;

/// Bytes of an element of the list besides the parts of its document: its place, and the names of the parts of an update.
const PLACE_BYTES: usize = 128;

/// An unfinished command: `{ <verb>: <collection>, ordered: false, <list>: [ ...`.
pub(super) struct Command {
    bytes: Vec<u8>,
    /// Where the bytes of the list begin.
    list: usize,
    len: usize,
}

impl Command {
    /// A command with an empty list, and room for so many documents of so many bytes in all.
    pub(super) fn new(verb: &CStr, collection: &str, list: &CStr, len: usize, room_bytes: usize) -> Self {
        let mut command = RawDocumentBuf::new();
        command.append(verb, collection);
        command.append(cstr!("ordered"), false);
        command.append(list, RawArrayBuf::new());
        // The command ends with the empty list: four bytes of length, one that ends the list, and one that ends the command.
        let head = command.as_bytes();
        let open = &head[..head.len() - 2];
        let mut bytes = Vec::with_capacity(HEAD_BYTES + len * PLACE_BYTES + room_bytes);
        bytes.extend_from_slice(open);
        Self { list: bytes.len() - 4, bytes, len: 0 }
    }

    /// Puts a document at the end of the list.
    pub(super) fn push(&mut self, document: &RawDocument) {
        self.bytes.push(ElementType::EmbeddedDocument as u8);
        self.bytes.extend_from_slice(self.len.to_string().as_bytes());
        self.bytes.push(0);
        self.bytes.extend_from_slice(document.as_bytes());
        self.len += 1;
    }

    /// The finished command.
    ///
    /// # Errors
    /// When it is too long for BSON.
    pub(super) fn finish(mut self) -> Result<RawDocumentBuf, Error> {
        for from in [self.list, 0] {
            self.bytes.push(0);
            let length = i32::try_from(self.bytes.len() - from).map_err(Error::custom)?;
            self.bytes[from..from + 4].copy_from_slice(&length.to_le_bytes());
        }
        Ok(RawDocumentBuf::from_bytes(self.bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use bson::rawdoc;

    use super::*;

    #[test]
    fn a_command_is_the_same_as_one_made_of_its_parts() {
        let documents =
            (0..11_i32).map(|n| rawdoc! { "n": n, "text": "t".repeat(usize::try_from(n).unwrap()) });
        let documents: Vec<_> = documents.collect();
        let mut command = Command::new(cstr!("insert"), "codes", cstr!("documents"), documents.len(), 0);
        for document in &documents {
            command.push(document);
        }
        let list: RawArrayBuf = documents.iter().collect();
        let expected = rawdoc! { "insert": "codes", "ordered": false, "documents": list };
        assert_eq!(command.finish().unwrap(), expected);
    }

    #[test]
    fn an_empty_list_is_a_list() {
        let command = Command::new(cstr!("update"), "codes", cstr!("updates"), 0, 0);
        let expected = rawdoc! { "update": "codes", "ordered": false, "updates": [] };
        assert_eq!(command.finish().unwrap(), expected);
    }
}
