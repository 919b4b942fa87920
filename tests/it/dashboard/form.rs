//! Forms as a browser without scripts reads and sends them.

use regex::Regex;

use super::site::{Answer, Site};

/// A form of a page.
#[derive(Debug)]
pub struct Form {
    action: String,
    text: String,
}

/// What stands in HTML for signs of its own.
fn plain(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let found = Regex::new(&format!(r#"\s{name}="([^"]*)""#)).unwrap().captures(tag)?;
    Some(plain(&found[1]))
}

/// Every form of a page that sends something.
pub fn forms(page: &str) -> Vec<Form> {
    let form = Regex::new(r"(?s)<form([^>]*)>(.*?)</form>").unwrap();
    form.captures_iter(page)
        .filter(|found| attribute(&found[1], "method").as_deref() == Some("post"))
        .map(|found| Form { action: attribute(&found[1], "action").unwrap(), text: found[2].to_owned() })
        .collect()
}

impl Form {
    /// The button with this label: what it sends, which is nothing or one pair.
    fn button(&self, label: &str) -> Option<Vec<(String, String)>> {
        let button = Regex::new(r"(?s)<button([^>]*)>(.*?)</button>").unwrap();
        let tags = Regex::new("<[^>]*>").unwrap();
        let mut all = button.captures_iter(&self.text);
        let found = all.find(|found| plain(&tags.replace_all(&found[2], "")) == label)?;
        let pair = |name| (name, attribute(&found[1], "value").unwrap_or_default());
        Some(attribute(&found[1], "name").map(pair).into_iter().collect())
    }

    /// Fields that are sent when nobody changes them.
    fn fields(&self) -> Vec<(String, String)> {
        let input = Regex::new(r"<input([^>]*)>").unwrap();
        let sent = |tag: &str| {
            let kind = attribute(tag, "type");
            kind.as_deref() != Some("checkbox")
        };
        input
            .captures_iter(&self.text)
            .filter(|found| sent(&found[1]))
            .filter_map(|found| {
                Some((attribute(&found[1], "name")?, attribute(&found[1], "value").unwrap_or_default()))
            })
            .collect()
    }
}

impl Site {
    /// Presses a button of a page: in the form that leads to `action` and has `about` among its values. `changed` is what is typed
    /// or chosen in it.
    pub async fn press(
        &self,
        page: &str,
        action: &str,
        about: &str,
        label: &str,
        changed: &[(&str, &str)],
    ) -> Answer {
        let shown = self.get(page).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text);
        self.press_on(&shown, action, about, label, changed).await
    }

    /// Presses a button of a page that is shown.
    pub async fn press_on(
        &self,
        shown: &Answer,
        action: &str,
        about: &str,
        label: &str,
        changed: &[(&str, &str)],
    ) -> Answer {
        let has =
            |form: &Form| form.action == action && form.text.contains(about) && form.button(label).is_some();
        let all = forms(&shown.text);
        let Some(form) = all.iter().find(|form| has(form)) else {
            panic!("no form leads to {action} for {about:?} by {label:?}: {all:#?}");
        };
        let mut fields = form.fields();
        for (name, value) in changed {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        fields.extend(form.button(label).into_iter().flatten());
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post_with(action, &fields, &[("origin", &self.origin)]).await
    }

    /// What the page says to which an action has led.
    pub async fn said(&self, answer: &Answer) -> String {
        assert_eq!(answer.status, 303, "{}", answer.text);
        let page = self.get(answer.header("location")).await.text;
        let (_, rest) = page.split_once("role=\"status\">").expect("a notice");
        plain(rest.split('<').next().unwrap())
    }
}
