//! Where the book and its sources are published: addresses of files in the repository.
//!
//! Only the configuration is asked (`output.html.git-repository-url` of book.toml, or mdBook's
//! variable `MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL`), never `.git`, so that the same sources give the
//! same bytes in every checkout. Nothing is known without it; pages then show paths as text.

use mdbook_driver::config::HtmlConfig;
use notebook::escape::address;

/// What serves the repository; each has addresses of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    GitHub,
    GitLab,
    /// Gitea and Forgejo, as on codeberg.org.
    Gitea,
}

/// The repository that a reader can look into.
///
/// ```
/// # use bookbinder::site::Repository;
/// let repository = Repository::at("https://github.com/ada/engine.git").unwrap();
/// assert_eq!(
///     repository.file("src/lib.rs", Some((3, 7))),
///     "https://github.com/ada/engine/blob/HEAD/src/lib.rs#L3-L7"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    address: String,
    host: Host,
    /// book.toml's `edit-url-template`, where it has one.
    edit_template: Option<String>,
}

impl Repository {
    /// The repository of a configuration; none, where it gives no address that a browser can open.
    pub fn of(html: &HtmlConfig) -> Option<Self> {
        let mut repository = Repository::at(html.git_repository_url.as_deref()?)?;
        repository.edit_template.clone_from(&html.edit_url_template);
        Some(repository)
    }

    /// The repository at an address that begins with `http`.
    pub fn at(address: &str) -> Option<Self> {
        let address = address.trim().trim_end_matches('/');
        let address = address.strip_suffix(".git").unwrap_or(address);
        let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let name = rest.split('/').next().unwrap_or_default().to_lowercase();
        let host = match name.as_str() {
            name if name.contains("gitlab") => Host::GitLab,
            name if ["codeberg", "gitea", "forgejo"].iter().any(|g| name.contains(g)) => {
                Host::Gitea
            }
            _ => Host::GitHub,
        };
        Some(Repository { address: address.to_owned(), host, edit_template: None })
    }

    /// The address of the repository itself.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The page that shows a file, at some of its lines.
    pub fn file(&self, path: &str, lines: Option<(usize, usize)>) -> String {
        let fragment = match (lines, self.host) {
            (None, _) => String::new(),
            (Some((from, to)), Host::GitLab) => format!("#L{from}-{to}"),
            (Some((from, to)), _) => format!("#L{from}-L{to}"),
        };
        self.join(["blob/HEAD", "-/blob/HEAD", "src/commit/HEAD"], path) + &fragment
    }

    /// The page that lists a folder.
    pub fn folder(&self, path: &str) -> String {
        self.join(["tree/HEAD", "-/tree/HEAD", "src/commit/HEAD"], path)
    }

    /// The page where a file is edited.
    ///
    /// Gitea edits on a named branch only: `main`, unless book.toml's `edit-url-template` says another.
    pub fn edit(&self, path: &str) -> String {
        match &self.edit_template {
            Some(template) => template.replace("{path}", &address(path)),
            None => self.join(["edit/HEAD", "-/edit/HEAD", "_edit/main"], path),
        }
    }

    /// The address of `path` below the first, second or third way, for the three kinds of host.
    fn join(&self, ways: [&str; 3], path: &str) -> String {
        let way = match self.host {
            Host::GitHub => ways[0],
            Host::GitLab => ways[1],
            Host::Gitea => ways[2],
        };
        format!("{}/{way}/{}", self.address, address(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_own_addresses() {
        let links = |address: &str| {
            let repository = Repository::at(address).unwrap();
            [
                repository.file("a b.rs", Some((1, 2))),
                repository.folder("src"),
                repository.edit("p.md"),
            ]
        };
        assert_eq!(
            links("https://github.com/a/b/"),
            [
                "https://github.com/a/b/blob/HEAD/a%20b.rs#L1-L2",
                "https://github.com/a/b/tree/HEAD/src",
                "https://github.com/a/b/edit/HEAD/p.md",
            ]
        );
        assert_eq!(
            links("https://gitlab.example.org/a/b.git"),
            [
                "https://gitlab.example.org/a/b/-/blob/HEAD/a%20b.rs#L1-2",
                "https://gitlab.example.org/a/b/-/tree/HEAD/src",
                "https://gitlab.example.org/a/b/-/edit/HEAD/p.md",
            ]
        );
        assert_eq!(
            links("https://codeberg.org/a/b"),
            [
                "https://codeberg.org/a/b/src/commit/HEAD/a%20b.rs#L1-L2",
                "https://codeberg.org/a/b/src/commit/HEAD/src",
                "https://codeberg.org/a/b/_edit/main/p.md",
            ]
        );
    }

    #[test]
    fn only_what_a_browser_opens_is_an_address() {
        assert_eq!(Repository::at("git@github.com:a/b.git"), None);
        assert_eq!(Repository::at(""), None);
    }

    #[test]
    fn a_template_decides_where_pages_are_edited() {
        let mut html = HtmlConfig::default();
        assert_eq!(Repository::of(&html), None);
        html.git_repository_url = Some("https://codeberg.org/a/b".into());
        html.edit_url_template = Some("https://codeberg.org/a/b/_edit/trunk/{path}".into());
        let repository = Repository::of(&html).unwrap();
        assert_eq!(repository.edit("book/p.md"), "https://codeberg.org/a/b/_edit/trunk/book/p.md");
        assert_eq!(repository.address(), "https://codeberg.org/a/b");
    }
}
