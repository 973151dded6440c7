//! Who asks: what every use case is told of its caller.

use std::collections::BTreeSet;

use domain::journal::SYSTEM_ACTOR;
use domain::people::{May, Role};
use domain::{RecordId, Scope};

use crate::{AppError, Fault, Result};

/// Somebody who asks or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The name they sign in with.
    pub name: String,
    /// The person that the journal names as the actor.
    pub actor: RecordId,
    /// What they are in the organisation; several roles see and may what each of them does.
    pub roles: BTreeSet<Role>,
    /// What they may do.
    pub may: BTreeSet<May>,
    /// What they may see.
    pub scope: Scope,
}

impl Who {
    /// Whoever runs the program on the machine of the data: sees and may everything.
    #[must_use]
    pub fn system() -> Self {
        Self {
            name: "system".to_owned(),
            actor: SYSTEM_ACTOR,
            roles: BTreeSet::new(),
            may: May::ALL.into_iter().collect(),
            scope: Scope::All,
        }
    }

    /// Refuses what they may not do.
    ///
    /// # Errors
    /// [`Fault::NotAllowed`].
    pub fn require(&self, may: May) -> Result<()> {
        if self.may.contains(&may) {
            return Ok(());
        }
        let roles: Vec<_> = May::roles(may).map(Role::as_str).collect();
        let (name, roles) = (&self.name, roles.join(", "));
        Err(AppError::of(Fault::NotAllowed, (format!("{name} 无权这样做"), format!("{name} may not do this"))).hint((
            format!("需要以下角色之一：{roles}。请联系管理员"),
            format!("it takes one of the roles {roles}: ask an administrator"),
        )))
    }
}
