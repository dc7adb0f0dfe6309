(** Two claims that are well formed and printed alike are the same: names, references, definitions,
    clauses. So what the checker prints, and finds in a file, is what the file says. *)
From Coq Require Import Ascii String List ZArith Bool Lia.
Import ListNotations.
From Relumax Require Import Statement Kernel Elaborate Points Wellformed Print PrintUnique.
Open Scope string_scope.

(** * Names *)

Definition name_letter (c : ascii) : Prop := name_char c = true.

Lemma all_chars_all p s : all_chars p s = true -> all (fun c => p c = true) s.
Proof.
  induction s as [|c s IH]; simpl; auto. rewrite andb_true_iff. intros [H1 H2]. auto.
Qed.

Lemma name_letters a : good_name a = true -> all name_letter a.
Proof.
  unfold good_name. rewrite !andb_true_iff. intros [[[[_ H] _] _] _]. apply all_chars_all, H.
Qed.

Lemma name_begins a : good_name a = true -> exists c s, a = String c s /\ is_letter c = true.
Proof.
  unfold good_name. rewrite !andb_true_iff. intros [[[[H _] _] _] _].
  destruct a as [|c s]; [discriminate|]. exists c, s. auto.
Qed.

Lemma name_is_not c a : name_char c = false -> all name_letter a -> all (fun d => d <> c) a.
Proof.
  intros N H. eapply all_impl; [|exact H]. unfold name_letter. intros d Hd ->. congruence.
Qed.

Lemma name_plain a : good_name a = true -> all plain_char a.
Proof.
  intros H. apply (name_is_not """"%char); [reflexivity|]. apply name_letters, H.
Qed.

Lemma i_is_no_name : good_name "i" = false.
Proof.
  reflexivity.
Qed.

(** * References: read in one way only, given which names are indices *)

(** What stands before the first c is told from what follows. *)
Lemma cut_unique c s : forall t r q, all (fun d => d <> c) s -> all (fun d => d <> c) t ->
    s ++ String c r = t ++ String c q -> s = t /\ r = q.
Proof.
  induction s as [|d s IH]; intros [|e t] r q Hs Ht E; simpl in E; inversion E; subst.
  - auto.
  - exfalso. destruct Ht as [W _]. apply W; reflexivity.
  - exfalso. destruct Hs as [W _]. apply W; reflexivity.
  - destruct (IH t r q) as [-> ->]; simpl in *; tauto.
Qed.

Lemma cut_absent c s : forall t q, all (fun d => d <> c) s -> s = t ++ String c q -> False.
Proof.
  induction s as [|d s IH]; intros [|e t] q Hs E; simpl in E; inversion E; subst.
  - destruct Hs as [W _]. apply W; reflexivity.
  - destruct Hs as [_ Hs]. eapply IH; eauto.
Qed.

Definition indices_good (ix : list name) := forall w, known ix w = true -> good_name w = true.

Lemma indices_good_ok s : good_statement s = true -> indices_good (map fst (index s)).
Proof.
  unfold good_statement. rewrite !andb_true_iff. intros [[[[H _] _] _] _] w Hw.
  unfold known in Hw. apply existsb_exists in Hw as (v & Hv & E). apply String.eqb_eq in E.
  subst v. apply in_map_iff in Hv as (p & <- & Hp). rewrite forallb_forall in H.
  specialize (H p Hp). apply andb_true_iff in H. tauto.
Qed.

(** The array of a reference, and what stands in its brackets; or a name alone. *)
Definition inside (r : reference) : option (name * string) := match r with
  | Element a k => Some (a, digits (Z.of_nat k))
  | ElementAt a w => Some (a, w)
  | ElementI a => Some (a, "i")
  | _ => None
  end.
Definition alone (r : reference) : name :=
  match r with Scalar m => m | IndexOf w => w | _ => "i" end.

Lemma reference_text_split r : reference_text r = match inside r with | Some (a, s) =>
    a ++ String "["%char (s ++ String "]"%char "") | None => alone r end.
Proof.
  destruct r; reflexivity.
Qed.

Definition no_bracket (s : string) : Prop := all (fun d => d <> "["%char) s /\
  all (fun d => d <> "]"%char) s.

Lemma name_no_bracket a : good_name a = true -> no_bracket a.
Proof.
  intros H. split; (apply name_is_not; [reflexivity|apply name_letters, H]).
Qed.

Lemma digits_no_bracket z : no_bracket (digits z).
Proof.
  destruct (digits_begin z) as (c & s & -> & H1 & H2).
  split; simpl; (split; [intros ->; apply digit_word in H1; unfold word_char in H1; tauto|]);
    (eapply all_impl; [|exact H2]); intros d Hd ->; apply digit_word in Hd;
    unfold word_char in Hd; tauto.
Qed.

Lemma i_no_bracket : no_bracket "i".
Proof.
  repeat split; discriminate.
Qed.

Lemma inside_good ix r a s : indices_good ix -> good_reference ix r = true ->
    inside r = Some (a, s) -> good_name a = true /\ no_bracket s.
Proof.
  intros Ix G E. destruct r; simpl in *; inversion E; subst.
  - split; auto. apply digits_no_bracket.
  - apply andb_true_iff in G as [G1 G2]. split; auto. apply name_no_bracket, Ix, G2.
  - split; auto. apply i_no_bracket.
Qed.

Lemma alone_good ix r : indices_good ix -> good_reference ix r = true -> inside r = None ->
    no_bracket (alone r).
Proof.
  intros Ix G E. destruct r; simpl in *; try discriminate.
  - apply andb_true_iff in G as [G1 G2]. apply name_no_bracket, G1.
  - apply name_no_bracket, Ix, G.
  - apply i_no_bracket.
Qed.

Lemma digits_no_name z a : good_name a = true -> digits z <> a.
Proof.
  intros G E. destruct (digits_begin z) as (c & s & E' & H & _).
  destruct (name_begins a G) as (d & t & E'' & L). rewrite E', E'' in E. inversion E; subst.
  apply digit_no_letter in H. congruence.
Qed.

Lemma digits_no_i z : digits z <> "i".
Proof.
  intros E. destruct (digits_begin z) as (c & s & E' & H & _). rewrite E' in E.
  inversion E; subst. apply digit_no_letter in H. discriminate.
Qed.

Lemma reference_text_inj ix r s : indices_good ix -> good_reference ix r = true ->
    good_reference ix s = true -> reference_text r = reference_text s -> r = s.
Proof.
  intros Ix Gr Gs E. rewrite !reference_text_split in E.
  destruct (inside r) as [[a u]|] eqn:Ir, (inside s) as [[b v]|] eqn:Is.
  - destruct (inside_good ix r a u Ix Gr Ir) as [Ga Gu].
    destruct (inside_good ix s b v Ix Gs Is) as [Gb Gv].
    apply cut_unique in E as [-> E]; [|apply name_no_bracket, Ga|apply name_no_bracket, Gb].
    apply cut_unique in E as [-> _]; [|apply Gu|apply Gv]. clear Ga Gb Gu Gv.
    destruct r as [a k|a w|a|m|w|], s as [c l|c x|c|n|x|]; simpl in Ir, Is, Gr, Gs;
      try discriminate; injection Ir as Ra Ru; injection Is as Sa Sv; rewrite <- Ru in Sv;
      rewrite <- Sa in Ra; clear Ru Sa; subst a; try apply andb_true_iff in Gr as [_ Gr];
      try apply andb_true_iff in Gs as [_ Gs].
    + apply digits_inj in Sv. f_equal. lia.
    + exfalso. apply Ix in Gs. symmetry in Sv. eapply digits_no_name; eauto.
    + exfalso. symmetry in Sv. eapply digits_no_i; eauto.
    + exfalso. apply Ix in Gr. eapply digits_no_name; eauto.
    + congruence.
    + exfalso. subst w. apply Ix in Gr. discriminate.
    + exfalso. eapply digits_no_i; eauto.
    + exfalso. subst x. apply Ix in Gs. discriminate.
    + reflexivity.
  - exfalso. destruct (alone_good ix s Ix Gs Is) as [B _]. symmetry in E. eapply cut_absent; eauto.
  - exfalso. destruct (alone_good ix r Ix Gr Ir) as [B _]. eapply cut_absent; eauto.
  - destruct r as [a k|a w|a|m|w|], s as [c l|c x|c|n|x|]; simpl in Ir, Is; try discriminate;
      simpl in E; subst; auto; exfalso; simpl in Gr, Gs; try discriminate.
    + apply andb_true_iff in Gr as [_ Gr]. rewrite Gs in Gr. discriminate.
    + apply andb_true_iff in Gs as [_ Gs]. rewrite Gr in Gs. discriminate.
    + apply Ix in Gr. discriminate.
    + apply Ix in Gs. discriminate.
Qed.

(** * Sums, definitions, clauses, requirements *)

Lemma reference_text_plain ix r : indices_good ix -> good_reference ix r = true ->
    all plain_char (reference_text r).
Proof.
  intros Ix G. assert (App : forall s t, all plain_char s -> all plain_char t ->
    all plain_char (s ++ t)).
  { induction s; simpl; intuition. }
  assert (D : forall z, all plain_char (digits z)).
  { intros z. destruct (digits_begin z) as (c & s & -> & H1 & H2).
    assert (P : forall c, digit_or_minus c -> plain_char c) by (intros d Hd; apply digit_word, Hd).
    simpl. split; auto. eapply all_impl; eauto. }
  assert (B : all plain_char "[" /\ all plain_char "]" /\ all plain_char "[i]" /\
    all plain_char "i") by (repeat split; discriminate).
  destruct B as (B1 & B2 & B3 & B4). destruct r; simpl in G; cbn [reference_text]; auto.
  - apply App; [apply name_plain, G|]. apply (App "["); auto.
  - apply andb_true_iff in G as [G1 G2]. apply App; [apply name_plain, G1|].
    apply (App "["); auto. apply App; auto. apply name_plain, Ix, G2.
  - apply App; auto. apply name_plain, G.
  - apply andb_true_iff in G as [G1 G2]. apply name_plain, G1.
  - apply name_plain, Ix, G.
Qed.

Section Statement.
Variable ix : list name.
Hypothesis Ix : indices_good ix.

Lemma parts_inj l : forall m, good_parts ix l = true -> good_parts ix m = true ->
    flat_map part_ l = flat_map part_ m -> l = m.
Proof.
  induction l as [|[c r] l IH]; intros [|[d s] m] Gl Gm E; try discriminate; auto.
  cbn [flat_map part_ app fst snd] in E. injection E as E1 E2 E3.
  cbn [good_parts] in Gl, Gm. rewrite !andb_true_iff in Gl, Gm.
  destruct Gl as [[[_ Gr] _] Gl], Gm as [[[_ Gs] _] Gm]. apply number_inj in E1.
  apply (reference_text_inj ix) in E2; auto. rewrite (IH m Gl Gm E3). congruence.
Qed.

Lemma sum_inj s t : good_sum ix s = true -> good_sum ix t = true -> sum_ s = sum_ t -> s = t.
Proof.
  destruct s as [c l], t as [d m]. unfold good_sum, sum_. cbn [offset parts]. intros Gs Gt E.
  injection E as E1 E2. apply number_inj in E1. apply parts_inj in E2; auto. congruence.
Qed.

Lemma sum_good s : good_sum ix s = true -> Forall good_json (sum_ s).
Proof.
  destruct s as [c l]. unfold good_sum, sum_. cbn [offset parts]. intros G.
  constructor; [apply number_good|]. induction l as [|[d r] l IH]; [constructor|].
  cbn [good_parts] in G. rewrite !andb_true_iff in G. destruct G as [[[_ Gr] _] G].
  cbn [flat_map part_ app fst snd]. constructor; [apply number_good|]. constructor; auto.
  constructor. eapply reference_text_plain; eauto.
Qed.

Lemma form_inj d s d' s' : good_sum ix s = true -> good_sum ix s' = true ->
    form_ d s = form_ d' s' -> d = d' /\ s = s'.
Proof.
  intros G G' E. unfold form_ in E. injection E as E1 E2 E3. apply number_inj in E1.
  split; [congruence|]. apply sum_inj; auto. unfold sum_. rewrite E2, E3. reflexivity.
Qed.

Lemma form_good d s : good_sum ix s = true -> good_json (form_ d s).
Proof.
  intros G. constructor. constructor; [apply number_good|apply sum_good, G].
Qed.

Lemma shape_inj f g : shape_ f = shape_ g -> f = g.
Proof.
  destruct f as [|[]], g as [|[]]; intros E; try discriminate; reflexivity.
Qed.

Lemma definition_inj d e : good_definition ix d = true -> good_definition ix e = true ->
    definition_ d = definition_ e -> d = e.
Proof.
  destruct d as [a n f p s|m f p s|m a|m a|a l],
    e as [a' n' f' p' s'|m' f' p' s'|m' a'|m' a'|a' l'];
    unfold definition_; intros G G' E; try discriminate; cbn [good_definition] in G, G';
    rewrite ?andb_true_iff in G, G'.
  - pose proof (form_inj p s p' s') as F. set (x := form_ p s) in *. set (y := form_ p' s') in *.
    clearbody x y. injection E as E1 E2 E3 E4. destruct F as [-> ->]; try tauto.
    apply digits_inj in E3. assert (f = f') by (apply shape_inj; unfold shape_; congruence).
    f_equal; auto; lia.
  - exfalso. set (x := form_ p s) in *. set (y := form_ p' s') in *. clearbody x y.
    injection E as _ _ E _. apply (null_no_digits (Z.of_nat n)). congruence.
  - exfalso. set (x := form_ p s) in *. set (y := form_ p' s') in *. clearbody x y.
    injection E as _ _ E _. apply (null_no_digits (Z.of_nat n')). congruence.
  - pose proof (form_inj p s p' s') as F. set (x := form_ p s) in *. set (y := form_ p' s') in *.
    clearbody x y. injection E as E1 E2 E3. destruct F as [-> ->]; try tauto.
    assert (f = f') by (apply shape_inj; unfold shape_; congruence). congruence.
  - injection E as E1 E2. congruence.
  - injection E as E1 E2. congruence.
  - injection E as E1 E2. f_equal; auto. destruct G as [_ G], G' as [_ G'].
    rewrite forallb_forall in G, G'. apply map_inj in E1; auto. intros [p s] [p' s'] H H' F.
    destruct (form_inj p s p' s') as [-> ->]; auto; [apply (G _ H)|apply (G' _ H')].
Qed.

Lemma atom_inj a b : good_sum ix (snd a) = true -> good_sum ix (snd b) = true ->
    atom_ a = atom_ b -> a = b.
Proof.
  destruct a as [r s], b as [r' s']. cbn [snd]. intros G G' E. unfold atom_ in E.
  cbn [fst snd] in E. injection E as E1 E2 E3. f_equal.
  - destruct r, r'; try discriminate; reflexivity.
  - apply sum_inj; auto. unfold sum_. rewrite E2, E3. reflexivity.
Qed.

Lemma case_inj b c : good_case ix b = true -> good_case ix c = true -> map atom_ b = map atom_ c ->
    b = c.
Proof.
  unfold good_case. rewrite !andb_true_iff, !forallb_forall. intros [_ G] [_ G'] E.
  apply map_inj in E; auto. intros x y Hx Hy. apply atom_inj; auto.
Qed.

Lemma guard_inj g h : guard_ g = guard_ h -> g = h.
Proof.
  destruct g as [[] w], h as [[] v]; unfold guard_; cbn [fst snd]; intros E; try discriminate;
    injection E as E; congruence.
Qed.

Lemma optional_inj {A} (f : A -> json) o p : (forall a b, f a = f b -> a = b) ->
    (forall a, f a <> Word "null") -> optional f o = optional f p -> o = p.
Proof.
  intros F N. destruct o as [a|], p as [b|]; simpl; intros E; auto.
  - f_equal; auto.
  - exfalso. eapply N; eauto.
  - exfalso. eapply N; eauto.
Qed.

Lemma clause_inj c d : good_clause ix c = true -> good_clause ix d = true ->
    clause_ c = clause_ d -> c = d.
Proof.
  destruct c as [e w l], d as [e' w' l']. unfold good_clause, clause_. cbn [each where_ any].
  rewrite !andb_true_iff, !forallb_forall. intros [_ G] [_ G'] E. injection E as E1 E2 E3.
  apply optional_inj in E2; [|apply natural_inj|intros; apply null_no_digits].
  apply optional_inj in E3; [|apply guard_inj|discriminate].
  apply map_inj in E1; [congruence|]. intros x y Hx Hy F. injection F as F. apply case_inj; auto.
Qed.

Lemma condition_inj c d : condition_ c = condition_ d -> c = d.
Proof.
  destruct c, d; unfold condition_; intros E; try discriminate; auto;
    injection E as E1 E2; apply number_inj in E1, E2; congruence.
Qed.

Lemma ratio_inj r s : ratio_ r = ratio_ s -> r = s.
Proof.
  destruct r, s. unfold ratio_. cbn [fst snd]. intros E. injection E as E1 E2.
  apply number_inj in E1, E2. congruence.
Qed.

Lemma requirement_inj r s : good_requirement ix r = true -> good_requirement ix s = true ->
    requirement_ r = requirement_ s -> r = s.
Proof.
  destruct r as [c|w a b f l], s as [c'|w' a' b' f' l']; cbn [good_requirement requirement_];
    intros G G' E; try discriminate.
  - f_equal. apply clause_inj; auto.
  - injection E as E1 E2 E3 E4 E5. assert (f = f') by (apply condition_inj; unfold condition_;
      congruence).
    assert (b = b') by (apply condition_inj; unfold condition_; congruence).
    apply optional_inj in E3; [congruence|apply ratio_inj|discriminate].
Qed.

(** All of them are JSON that can be read in one way only. *)

Lemma known_plain w : known ix w = true -> all plain_char w.
Proof.
  intros H. apply name_plain, Ix, H.
Qed.

Lemma shape_good f : good_json (shape_ f).
Proof.
  destruct f as [|[]]; constructor; constant_text.
Qed.

Lemma definition_good d : good_definition ix d = true -> good_json (definition_ d).
Proof.
  destruct d as [a n f p s|m f p s|m a|m a|a l]; cbn [good_definition definition_];
    rewrite ?andb_true_iff; intros G; object; try apply form_good; try apply shape_good;
    try apply natural_good; try apply null_good; try tauto;
    try (constructor; constant_text); try (constructor; apply name_plain; tauto).
  constructor. apply Forall_map_in. intros [p s] H. apply form_good. destruct G as [_ G].
  rewrite forallb_forall in G. apply (G _ H).
Qed.

Lemma clause_good c : good_clause ix c = true -> good_json (clause_ c).
Proof.
  destruct c as [e w l]. unfold good_clause, clause_. cbn [each where_ any].
  rewrite !andb_true_iff, forallb_forall. intros [[[_ Gw] _] G]. object.
  - constructor. apply Forall_map_in. intros b Hb. constructor. apply Forall_map_in.
    intros [r s] Ha. specialize (G b Hb). unfold good_case in G. apply andb_true_iff in G as [_ G].
    rewrite forallb_forall in G. constructor. constructor; [|apply sum_good, (G _ Ha)].
    cbn [fst]. destruct r; constructor; constant_text.
  - destruct e; [apply natural_good|apply null_good].
  - destruct w as [[g w]|]; [|apply null_good]. constructor. simpl in Gw.
    constructor; [destruct g; constructor; constant_text|]. constructor; [|constructor].
    constructor. apply known_plain, Gw.
Qed.

Lemma condition_good c : good_json (condition_ c).
Proof.
  destruct c; constructor; repeat constructor; try apply number_good; constant_text.
Qed.

Lemma requirement_good r : good_requirement ix r = true -> good_json (requirement_ r).
Proof.
  destruct r as [c|w a b f l]; cbn [good_requirement requirement_].
  - apply clause_good.
  - rewrite andb_true_iff. intros [Gw Ga]. object; try apply condition_good.
    + destruct l as [[p q]|]; [|apply null_good]. constructor. repeat constructor; apply
        number_good.
    + constructor. apply name_plain, Ga.
    + constructor. apply known_plain, Gw.
Qed.
End Statement.

(** * Statements and claims *)

Lemma index_list_inj l m : map (fun w : name * nat => Items [Quoted (fst w); natural (snd w)]) l
    = map (fun w : name * nat => Items [Quoted (fst w); natural (snd w)]) m -> l = m.
Proof.
  apply map_inj. intros [w n] [v k] _ _ E. cbn [fst snd] in E. injection E as E1 E2.
  apply digits_inj in E2. f_equal; auto. lia.
Qed.

Lemma statement_inj s t : good_statement s = true -> good_statement t = true ->
    statement_ s = statement_ t -> s = t.
Proof.
  intros G G' E. pose proof (indices_good_ok s G) as Ix.
  destruct s as [ix ds rs es], t as [ix' ds' rs' es']. unfold good_statement, statement_ in *.
  cbn [index define requires ensures] in *. injection E as E1 E2 E3 E4.
  apply index_list_inj in E3. subst ix'. rewrite !andb_true_iff, !forallb_forall in G, G'.
  destruct G as [[[[_ Gd] Gr] _] Ge], G' as [[[[_ Gd'] Gr'] _] Ge'].
  apply map_inj in E1; [|intros; eapply definition_inj; eauto].
  apply map_inj in E2; [|intros; eapply clause_inj; eauto].
  apply map_inj in E4; [|intros; eapply requirement_inj; eauto]. congruence.
Qed.

Lemma statement_good s : good_statement s = true -> good_json (statement_ s).
Proof.
  intros G. pose proof (indices_good_ok s G) as Ix. destruct s as [ix ds rs es].
  unfold good_statement, statement_ in *. cbn [index define requires ensures] in *.
  rewrite !andb_true_iff, !forallb_forall in G. destruct G as [[[[Gi Gd] Gr] _] Ge]. object.
  - constructor. apply Forall_map_in. intros. eapply definition_good; eauto.
  - constructor. apply Forall_map_in. intros. eapply clause_good; eauto.
  - constructor. apply Forall_map_in. intros w Hw. specialize (Gi w Hw).
    apply andb_true_iff in Gi as [Gi _]. constructor. constructor; [constructor; apply name_plain,
      Gi|].
    constructor; [apply natural_good|constructor].
  - constructor. apply Forall_map_in. intros. eapply requirement_good; eauto.
Qed.

Lemma array_inj a b : array_ a = array_ b -> a = b.
Proof.
  destruct a as [m o b1 s1 l1], b as [m' o' b2 s2 l2]. unfold array_.
  cbn [array_name is_output base stride array_length]. intros E. injection E as E1 E2 E3 E4 E5.
  apply digits_inj in E1, E2, E5. assert (o = o') by (destruct o, o'; auto; discriminate).
  f_equal; auto; lia.
Qed.

Lemma array_good a : good_array a = true -> good_json (array_ a).
Proof.
  unfold good_array, array_. rewrite !andb_true_iff. intros [[G _] _].
  object; try apply natural_good.
  - constructor. apply name_plain, G.
  - constructor. destruct (is_output a); constant_text.
Qed.

Theorem claim_text_unique n m c d : good_claim n c = true -> good_claim m d = true ->
    claim_text c = claim_text d -> c = d.
Proof.
  destruct c as [al ss], d as [al' ss']. unfold good_claim, claim_text, claim_.
  cbn [arrays statements]. unfold good_arrays. rewrite !andb_true_iff, !forallb_forall.
  intros [[[[[[_ Ga] _] _] _] Gs] _] [[[[[[_ Ga'] _] _] _] Gs'] _] E.
  assert (Good : forall al ss, (forall a, In a al -> good_array a = true) ->
    (forall s, In s ss -> good_statement s = true) -> good_json (Object
      [("arrays", Items (map array_ al)); ("statements", Items (map statement_ ss))])).
  { intros al0 ss0 Ha Hs. object; constructor; apply Forall_map_in; intros.
    - apply array_good; auto.
    - apply statement_good; auto. }
  apply text_unique in E; [|apply Good; auto|apply Good; auto]. injection E as E1 E2.
  apply map_inj in E1; [|intros; apply array_inj; auto].
  apply map_inj in E2; [|intros; apply statement_inj; auto]. congruence.
Qed.

(** Two certificates that are accepted, and whose networks and claims are printed alike, are about
    the same network and claim. *)
Theorem texts_unique c d : well_formed c = true -> well_formed d = true ->
    network_text (the_network c) = network_text (the_network d) ->
    claim_text (the_claim c) = claim_text (the_claim d) -> the_network c = the_network d /\
    the_claim c = the_claim d.
Proof.
  unfold well_formed. rewrite !andb_true_iff. intros [_ Gc] [_ Gd] E F.
  split; [apply network_text_unique, E|eapply claim_text_unique; eauto].
Qed.
