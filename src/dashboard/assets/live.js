// What a reader has unfolded stays unfolded when a live part of the page is renewed.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => name !== "open" || node.localName !== "details";
