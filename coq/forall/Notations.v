(** How numbers of an ordered field are written; which field it is, their types tell. *)
From Relumax Require Import Statement.

Declare Scope field_scope.
Notation "0" := (zero _) : field_scope.
Notation "1" := (one _) : field_scope.
Notation "x + y" := (add _ x y) : field_scope.
Notation "x * y" := (mul _ x y) : field_scope.
Notation "x - y" := (sub _ x y) : field_scope.
Notation "- x" := (opp _ x) : field_scope.
Notation "x <= y" := (le _ x y) : field_scope.
Notation "x < y" := (lt _ x y) : field_scope.
