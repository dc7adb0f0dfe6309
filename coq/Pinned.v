(** The main theorems and those for all n, written out once more: a test compiles this file, so
    that none of them comes to say less unseen, nor what is meant by a maximum or by selecting.
    Sentences about claims (Adequacy*.v) are pinned by exported files, whose theorems they prove. *)
From Coq Require Import List ZArith Reals Qcanon.
Import ListNotations.
From Relumax Require Import Statement Kernel Elaborate Points PointsSound Soundness Instances.
From Relumax Require Import Wellformed Print Checker ClaimUnique Adequacy.
From Relumax.forall Require Import Chain Tournament Essay Depth Carried Slack Onehot.

Definition greatest (K : OrderedField) (m : K) (x : list K) : Prop :=
  In m x /\ forall a, In a x -> le K a m.
Definition smallest (K : OrderedField) (m : K) (x : list K) : Prop :=
  In m x /\ forall a, In a x -> le K m a.
Definition computes_greatest (K : OrderedField) (net : network) (x : list K) : Prop :=
  exists m, compute K net x = [m] /\ greatest K m x.
Definition computes_smallest (K : OrderedField) (net : network) (x : list K) : Prop :=
  exists m, compute K net x = [m] /\ smallest K m x.

(** * Certificates *)

Check (check_sound : forall c, check c = true -> forall K : OrderedField,
  claim_true K (the_network c) (the_claim c)).
Check (check_certificate_sound : forall c points, check_certificate c points = true ->
  forall K : OrderedField, claim_true K (the_network c) (the_claim c) /\
  Forall (fun s => needs_point s = true ->
    satisfiable K (the_network c) (arrays (the_claim c)) s (fun _ => True))
    (statements (the_claim c))).
Check (accepts_sound : forall c points, accepts c points = true ->
  forall K : OrderedField, claim_true K (the_network c) (the_claim c) /\
  Forall (fun s => needs_point s = true ->
    satisfiable K (the_network c) (arrays (the_claim c)) s (fun _ => True))
    (statements (the_claim c))).
Check (accepted_true : forall n c lemmas proofs points,
  accepts (Certificate n c lemmas proofs) points = true -> forall K, claim_true K n c).
Check (texts_unique : forall c d, well_formed c = true -> well_formed d = true ->
  network_text (the_network c) = network_text (the_network d) ->
  claim_text (the_claim c) = claim_text (the_claim d) ->
  the_network c = the_network d /\ the_claim c = the_claim d).
Check (check_rationals : forall c, check c = true ->
  claim_true QcField (the_network c) (the_claim c)).
Check (check_reals : forall c, check c = true -> claim_true RField (the_network c) (the_claim c)).
Check (claim_says : forall net c, claim_true RField net c ->
  forall v : list R, length v = inputs net ->
  all_of (fun s => says net (arrays c) s v) (statements c)).

(** * For all n *)

Check (max_chain : forall (K : OrderedField) n (x : list K), (2 <= n)%nat -> length x = n ->
  computes_greatest K (chain 1 n) x).
Check (min_chain : forall (K : OrderedField) n (x : list K), (2 <= n)%nat -> length x = n ->
  computes_smallest K (chain (-1) n) x).
Check (max_tournament : forall (K : OrderedField) orders n (x : list K), (1 <= n)%nat ->
  length x = n -> computes_greatest K (tournament 1 orders n) x).
Check (min_tournament : forall (K : OrderedField) orders n (x : list K), (1 <= n)%nat ->
  length x = n -> computes_smallest K (tournament (-1) orders n) x).
Check (max_essay : forall (K : OrderedField) n (x : list K), (1 <= n)%nat -> length x = n ->
  Forall (le K (zero K)) x -> computes_greatest K (essay n) x).
Check (max_essay_fused : forall (K : OrderedField) n (x : list K), (1 <= n)%nat -> length x = n ->
  Forall (le K (zero K)) x -> computes_greatest K (essay_fused n) x).
Check (carried : forall (K : OrderedField) args outs net (x : list K),
  carries_out args outs net = true -> length x = inputs net -> exists env : list K,
  (forall i, (i < inputs net)%nat -> nth i env (zero K) = nth i x (zero K)) /\
  (forall k arg, nth_error args k = Some arg ->
    nth (inputs net + k) env (zero K) = relu K (option_value K env arg)) /\
  compute K net x = map (option_value K env) outs).
Check (argmax_slack : forall (K : OrderedField) chosen n (x : list K), (1 <= n)%nat ->
  length x = n -> exists m, greatest K m x /\
  compute K (slack 1 chosen n) x = map (fun t => sub K m t) x).
Check (argmin_slack : forall (K : OrderedField) chosen n (x : list K), (1 <= n)%nat ->
  length x = n -> exists m, smallest K m x /\
  compute K (slack (-1) chosen n) x = map (fun t => sub K t m) x).
Check (argmax_onehot : forall (K : OrderedField) p q chosen n (x : list K), (1 <= n)%nat ->
  length x = n -> exists m, greatest K m x /\ compute K (onehot 1 p q chosen n) x =
  map (fun t => relu K (sub K (one K) (mul K (ratio K q p) (sub K m t)))) x).
Check (argmin_onehot : forall (K : OrderedField) p q chosen n (x : list K), (1 <= n)%nat ->
  length x = n -> exists m, smallest K m x /\ compute K (onehot (-1) p q chosen n) x =
  map (fun t => relu K (sub K (one K) (mul K (ratio K q p) (sub K t m)))) x).
Check (closeness_ends : forall (K : OrderedField) p q, closeness K p q (zero K) = one K /\
  forall t, le K (ratio K p q) t -> closeness K p q t = zero K).

(** * Depth: how many layers for how many options *)

Definition one_unit (net : network) : Prop :=
  output_divisor net = 1%positive /\ outputs net = [Row 0 [(0%N, 1%Z)]].
Check (essay_count : forall k, Nat.Even k -> let net := essay (2 ^ (k / 2)) in
  length (layers net) = k /\ one_unit net /\ inputs net = (2 ^ (k / 2))%nat /\
  forall (K : OrderedField) (x : list K), length x = (2 ^ (k / 2))%nat ->
  Forall (le K (zero K)) x -> computes_greatest K net x).
Check (essay_guess : forall k, (1 <= k)%nat -> let net := essay_fused (2 ^ (k - 1)) in
  length (layers net) = k /\ one_unit net /\ inputs net = (2 ^ (k - 1))%nat /\
  forall (K : OrderedField) (x : list K), length x = (2 ^ (k - 1))%nat ->
  Forall (le K (zero K)) x -> computes_greatest K net x).
Check (tournament_guess : forall orders k, (1 <= k)%nat ->
  let net := tournament 1 orders (2 ^ (k - 1)) in
  S (length (layers net)) = k /\ inputs net = (2 ^ (k - 1))%nat /\
  forall (K : OrderedField) (x : list K), length x = (2 ^ (k - 1))%nat ->
  Forall (fun _ => True) x -> computes_greatest K net x).
