//! The stored training plan as a section.

use maud::{Markup, html};

use super::figures::{Rows, headed};
use super::html::{frame, table};
use super::view::{Plan, Step, day};
use super::words::{date, points};

/// The three terms with their headings.
pub(super) fn terms(plan: &Plan) -> [(&'static str, &[Step]); 3] {
    let path = &plan.development_path;
    [("Within 6 months", &path.short), ("6 to 12 months", &path.medium), ("Beyond 12 months", &path.long)]
}

/// Skills below what is wanted.
pub(super) fn gaps(plan: &Plan) -> Rows {
    let rows = plan.skill_gaps.iter().map(|gap| {
        vec![
            gap.skill_name.clone(),
            points(gap.current_level),
            points(gap.required_level),
            points(gap.gap),
            gap.priority.clone(),
            gap.reasoning.clone(),
        ]
    });
    headed(&["Skill", "Now", "Target", "Gap", "Priority", "Why"], rows)
}

/// Programmes, the first to be taken first.
pub(super) fn programmes(plan: &Plan) -> Rows {
    let rows = plan.recommendations.iter().map(|of| {
        let cost = match (of.estimated_cost, &of.currency) {
            (Some(cost), Some(currency)) => format!("{} {currency}", points(cost)),
            (Some(cost), None) => points(cost),
            (None, _) => "not known".to_owned(),
        };
        vec![of.title.clone(), of.expected_outcome.clone(), of.duration.clone(), of.format.clone(), cost]
    });
    let mut rows = headed(&["Programme", "What is different afterwards", "Time", "Format", "Cost"], rows);
    if plan.recommendations.iter().all(|of| of.estimated_cost.is_none()) {
        for row in &mut rows {
            row.truncate(4);
        }
    }
    rows
}

/// When a goal is to be reached.
pub(super) fn due(step: &Step) -> Option<String> {
    day(&step.estimated_completion).map(|day| date(&day))
}

/// The section.
pub(super) fn section(plan: &Plan) -> Markup {
    frame(
        "plan",
        "The plan in full",
        &html! {
            (table(&gaps(plan), "Skills and targets"))
            (table(&programmes(plan), "Programmes"))
            div.terms {
                @for (title, steps) in terms(plan) {
                    div.part {
                        h3 { (title) }
                        @for step in steps {
                            p { strong { (step.goal) } @if let Some(due) = due(step) { ", by " (due) } }
                            ul { @for text in step.actions.iter().chain(&step.metrics) { li { (text) } } }
                        }
                    }
                }
            }
        },
    )
}
