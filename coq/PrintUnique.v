(** JSON is printed so that it can be read in one way only; two networks that are printed alike are
    the same. *)
From Coq Require Import Ascii String List ZArith Bool Lia DecimalString DecimalZ DecimalFacts.
Import ListNotations.
From Relumax Require Import Statement Elaborate Wellformed Print.
Open Scope string_scope.

(** * Texts *)

Definition word_char (c : ascii) : Prop := c <> """"%char /\ c <> ","%char /\ c <> "]"%char /\
  c <> "}"%char /\ c <> "["%char /\ c <> "{"%char.
Definition plain_char (c : ascii) : Prop := c <> """"%char.
Fixpoint all (p : ascii -> Prop) (s : string) : Prop :=
  match s with EmptyString => True | String c s => p c /\ all p s end.
(** What may follow a value. *)
Definition ends (r : string) : Prop := match r with
  | EmptyString => True
  | String c _ => c = ","%char \/ c = "]"%char \/ c = "}"%char
  end.

Lemma word_unique s : forall t r q, all word_char s -> all word_char t -> ends r -> ends q ->
    s ++ r = t ++ q -> s = t /\ r = q.
Proof.
  induction s as [|c s IH]; intros [|d t] r q Hs Ht Hr Hq E; simpl in E.
  - auto.
  - exfalso. subst r. destruct Ht as [W _]. unfold word_char in W. simpl in Hr. intuition.
  - exfalso. subst q. destruct Hs as [W _]. unfold word_char in W. simpl in Hq. intuition.
  - inversion E; subst. destruct (IH t r q) as [-> ->]; simpl in *; tauto.
Qed.

Lemma quoted_unique s : forall t r q, all plain_char s -> all plain_char t ->
    s ++ String """"%char r = t ++ String """"%char q -> s = t /\ r = q.
Proof.
  induction s as [|c s IH]; intros [|d t] r q Hs Ht E; simpl in E; inversion E; subst.
  - auto.
  - exfalso. destruct Ht as [W _]. apply W; reflexivity.
  - exfalso. destruct Hs as [W _]. apply W; reflexivity.
  - destruct (IH t r q) as [-> ->]; simpl in *; tauto.
Qed.

(** * JSON *)

Inductive good_json : json -> Prop :=
  | good_word c s : word_char c -> all word_char s -> good_json (Word (String c s))
  | good_quoted s : all plain_char s -> good_json (Quoted s)
  | good_items l : Forall good_json l -> good_json (Items l)
  | good_object l : Forall (fun p => all plain_char (fst p)) l ->
      Forall (fun p => good_json (snd p)) l -> good_json (Object l).

Section Induction.
Variable P : json -> Prop.
Hypothesis word : forall s, P (Word s).
Hypothesis quoted : forall s, P (Quoted s).
Hypothesis items : forall l, Forall P l -> P (Items l).
Hypothesis object : forall l, Forall (fun p => P (snd p)) l -> P (Object l).
Fixpoint json_induction (v : json) : P v := match v with
  | Word s => word s
  | Quoted s => quoted s
  | Items l => items l ((fix over l : Forall P l := match l with
      | [] => Forall_nil _
      | v :: l => Forall_cons _ (json_induction v) (over l) end) l)
  | Object l => object l ((fix over l : Forall (fun p => P (snd p)) l := match l with
      | [] => Forall_nil _
      | p :: l => Forall_cons _ (json_induction (snd p)) (over l) end) l)
  end.
End Induction.

(** Texts that are told apart by their beginning, whatever follows. *)
Definition told {A} (p : A -> string -> string) (a : A) (good : A -> Prop) : Prop :=
  good a -> forall b r s, good b -> ends r -> ends s -> p a r = p b s -> a = b /\ r = s.

Lemma separated_unique {A} (p : A -> string -> string) (good : A -> Prop) close l :
    close = "]"%char \/ close = "}"%char -> (forall a r s, good a -> p a r <> String close s) ->
    Forall (fun a => told p a good) l -> forall m r s, Forall good l -> Forall good m ->
    separated (map p l) (String close r) = separated (map p m) (String close s) -> l = m /\ r = s.
Proof.
  intros C Start. assert (NotComma : close <> ","%char) by (intros ->; destruct C; discriminate).
  assert (Ends : forall r, ends (String close r)) by (intros r; simpl; tauto).
  assert (Comma : forall r, ends (String ","%char r)) by (intros r; simpl; tauto).
  induction 1 as [|a l Ha Hl IH]; intros [|b m] r s Gl Gm E.
  - inversion E; auto.
  - exfalso. inversion Gm; subst. destruct m; simpl in E; symmetry in E; eapply Start; eauto.
  - exfalso. inversion Gl; subst. destruct l; simpl in E; eapply Start; eauto.
  - inversion Gl as [|? ? Ga Gl']; inversion Gm as [|? ? Gb Gm']; subst. destruct l, m.
    + simpl in E. apply Ha in E as [-> E]; auto. inversion E; auto.
    + simpl in E. apply Ha in E as [_ E]; auto. inversion E; congruence.
    + simpl in E. apply Ha in E as [_ E]; auto. inversion E; congruence.
    + change (p a (String ","%char (separated (map p (a0 :: l)) (String close r))) =
        p b (String ","%char (separated (map p (a1 :: m)) (String close s)))) in E.
      apply Ha in E as [-> E]; auto. inversion E as [E'].
      destruct (IH (a1 :: m) r s Gl' Gm' E') as [-> ->]. auto.
Qed.

(** A value begins with a character of a word, a quote, or an opening bracket. *)
Lemma print_start v r c s : good_json v -> c = "]"%char \/ c = "}"%char -> print v r <> String c s.
Proof.
  intros G C E. destruct G as [d t W _|t _|l _|l _ _]; simpl in E; inversion E; subst.
  - unfold word_char in W. intuition.
  - destruct C; discriminate.
  - destruct C; discriminate.
  - destruct C; discriminate.
Qed.

Definition field_text (p : string * json) (rest : string) : string :=
  in_quotes (fst p) (String ":"%char (print (snd p) rest)).
Definition good_field (p : string * json) : Prop := all plain_char (fst p) /\ good_json (snd p).

Theorem print_unique v : told print v good_json.
Proof.
  induction v as [s|s|l IH|l IH] using json_induction; intros Gv w r q Gw Hr Hq E.
  - inversion Gv as [c t W1 W2| | |]; subst.
    destruct Gw as [d u V1 V2|u _|m _|m _ _]; cbn [print] in E.
    + destruct (word_unique (String c t) (String d u) r q) as [E1 E2]; simpl; auto. split;
        congruence.
    + exfalso. unfold word_char in W1. inversion E. intuition.
    + exfalso. unfold word_char in W1. inversion E. intuition.
    + exfalso. unfold word_char in W1. inversion E. intuition.
  - inversion Gv as [|? Ps| |]; subst.
    destruct Gw as [d u V1 V2|u Pu|m _|m _ _]; cbn [print] in E.
    + exfalso. unfold word_char in V1. inversion E. intuition.
    + unfold in_quotes in E. injection E as E. apply quoted_unique in E as [-> ->]; auto.
    + discriminate.
    + discriminate.
  - inversion Gv as [| |? Gl|]; subst.
    destruct Gw as [d u V1 V2|u Pu|m Gm|m _ _]; cbn [print] in E.
    + exfalso. unfold word_char in V1. inversion E. intuition.
    + discriminate.
    + injection E as E. apply (separated_unique print good_json) in E as [-> ->]; auto.
      intros a r0 s0 Ga. apply print_start; auto.
    + discriminate.
  - inversion Gv as [| | |? Kl Gl]; subst.
    destruct Gw as [d u V1 V2|u Pu|m Gm|m Km Gm]; cbn [print] in E.
    + exfalso. unfold word_char in V1. inversion E. intuition.
    + discriminate.
    + discriminate.
    + injection E as E. change (separated (map field_text l) (String "}"%char r) =
        separated (map field_text m) (String "}"%char q)) in E.
      apply (separated_unique field_text good_field) in E as [-> ->]; auto.
      * intros a r0 s0 _ F. discriminate.
      * apply Forall_forall. intros p Hp. rewrite Forall_forall in IH. specialize (IH p Hp).
        intros [K G] [k w] r0 s0 [K' G'] Hr0 Hs0 F. unfold field_text, in_quotes in F.
        injection F as F. apply quoted_unique in F as [F1 F2]; auto. injection F2 as F2.
        destruct p as [k0 v0]. cbn [fst snd] in *. subst k0.
        destruct (IH G w r0 s0 G' Hr0 Hs0 F2) as [-> ->]. auto.
      * rewrite Forall_forall in *. intros p Hp. split; auto.
      * rewrite Forall_forall in *. intros p Hp. split; auto.
Qed.

Corollary text_unique v w : good_json v -> good_json w -> print v "" = print w "" -> v = w.
Proof.
  intros G H E. exact (proj1 (print_unique v G w "" "" H Logic.I Logic.I E)).
Qed.

(** * Numbers *)

Definition digit_or_minus (c : ascii) : Prop := c = "-"%char \/ c = "0"%char \/ c = "1"%char \/
  c = "2"%char \/ c = "3"%char \/ c = "4"%char \/ c = "5"%char \/ c = "6"%char \/ c = "7"%char \/
  c = "8"%char \/ c = "9"%char.

Lemma digit_word c : digit_or_minus c -> word_char c.
Proof.
  unfold digit_or_minus, word_char. intros H.
  repeat (destruct H as [->|H]; [repeat split; discriminate|]). subst. repeat split; discriminate.
Qed.

Lemma digit_no_letter c : digit_or_minus c -> is_letter c = false.
Proof.
  unfold digit_or_minus. intros H. repeat (destruct H as [->|H]; [reflexivity|]). subst.
  reflexivity.
Qed.

Lemma all_impl (p q : ascii -> Prop) s : (forall c, p c -> q c) -> all p s -> all q s.
Proof.
  intros H. induction s; simpl; intuition.
Qed.

Lemma uint_digits d : all digit_or_minus (NilEmpty.string_of_uint d).
Proof.
  unfold digit_or_minus. induction d; simpl; auto 20.
Qed.

Lemma uint_some_digits d : exists c s, NilZero.string_of_uint d = String c s /\ digit_or_minus c /\
    all digit_or_minus s.
Proof.
  destruct d; simpl; eexists _, _; split; try reflexivity; split;
    try apply uint_digits; unfold digit_or_minus; simpl; auto 20.
Qed.

Lemma digits_begin z : exists c s, digits z = String c s /\ digit_or_minus c /\
    all digit_or_minus s.
Proof.
  unfold digits, NilZero.string_of_int. destruct (Z.to_int z) as [d|d].
  - apply uint_some_digits.
  - destruct (uint_some_digits d) as (c & s & E & H1 & H2). exists "-"%char, (String c s).
    rewrite E. split; [reflexivity|]. split; [left; reflexivity|]. split; auto.
Qed.

Lemma digits_inj z w : digits z = digits w -> z = w.
Proof.
  assert (N : forall z, Z.to_int z <> Decimal.Pos Decimal.Nil /\
    Z.to_int z <> Decimal.Neg Decimal.Nil).
  { intros [|p|p]; simpl; split; try discriminate; intros E; inversion E as [E'];
      apply DecimalPos.Unsigned.to_uint_nonnil in E'; auto. }
  intros E. unfold digits in E. apply (f_equal NilZero.int_of_string) in E.
  rewrite !NilZero.isi in E by apply N. inversion E as [E'].
  rewrite <- (DecimalZ.of_to z), <- (DecimalZ.of_to w), E'. reflexivity.
Qed.

Lemma digits_good z : good_json (Word (digits z)).
Proof.
  destruct (digits_begin z) as (c & s & -> & H1 & H2). constructor. apply digit_word; auto.
  eapply all_impl; [apply digit_word|]; auto.
Qed.

Lemma number_good z : good_json (number z).
Proof.
  unfold number. destruct (_ <? _)%Z; [apply digits_good|]. constructor.
  destruct (digits_begin z) as (c & s & -> & H1 & H2).
  assert (W : forall c, digit_or_minus c -> plain_char c).
  { intros d Hd. apply digit_word in Hd. apply Hd. }
  simpl. split; auto. eapply all_impl; [apply W|]; auto.
Qed.

Lemma number_inj z w : number z = number w -> z = w.
Proof.
  unfold number. destruct (Z.abs z <? _)%Z, (Z.abs w <? _)%Z; intros E; try discriminate;
    injection E as E; apply digits_inj; auto.
Qed.

Lemma natural_inj n m : natural n = natural m -> n = m.
Proof.
  intros E. injection E as E. apply digits_inj in E. lia.
Qed.

Lemma index_inj n m : index_ n = index_ m -> n = m.
Proof.
  intros E. injection E as E. apply digits_inj in E. lia.
Qed.

Lemma positive_inj p q : positive_ p = positive_ q -> p = q.
Proof.
  intros E. apply number_inj in E. congruence.
Qed.

Lemma null_no_digits z : Word (digits z) <> Word "null".
Proof.
  destruct (digits_begin z) as (c & s & -> & H & _). intros E. injection E as E _. subst.
  apply digit_no_letter in H. discriminate.
Qed.

Lemma null_good : good_json (Word "null").
Proof.
  constructor; simpl; repeat split; discriminate.
Qed.

(** * Lists *)

Lemma map_inj {A B} (f : A -> B) l : forall m, (forall a b, In a l -> In b m -> f a = f b ->
    a = b) -> map f l = map f m -> l = m.
Proof.
  induction l as [|a l IH]; intros [|b m] H E; simpl in *; try discriminate; auto.
  inversion E. f_equal; [apply H; auto|apply IH; auto].
Qed.

Lemma Forall_map_in {A B} (P : B -> Prop) (f : A -> B) l : (forall a, In a l -> P (f a)) ->
    Forall P (map f l).
Proof.
  intros H. apply Forall_forall. intros b Hb. apply in_map_iff in Hb as (a & <- & Ha). auto.
Qed.

(** * Networks *)

Lemma weights_inj l : forall m, flat_map weight_ l = flat_map weight_ m -> l = m.
Proof.
  induction l as [|[i c] l IH]; intros [|[j d] m] E; try discriminate; auto.
  cbn [flat_map weight_ app fst snd] in E. injection E as E1 E2 E3.
  apply digits_inj in E1. apply number_inj in E2. rewrite (IH m E3). f_equal. f_equal; auto. lia.
Qed.

Lemma row_inj r s : row_ r = row_ s -> r = s.
Proof.
  destruct r as [b w], s as [b' w']. unfold row_. cbn [bias weights]. intros E. injection E as E1
    E2.
  apply number_inj in E1. apply weights_inj in E2. congruence.
Qed.

Lemma step_units_from i l : forall j t, step_units j l = natural i :: t -> (j <= i)%nat.
Proof.
  induction l as [|[[] r] l IH]; intros j t E; simpl in E; try discriminate.
  - apply IH in E. lia.
  - inversion E as [[E1 E2]]. apply digits_inj in E1. lia.
Qed.

Lemma rows_inj l : forall i m, map (fun r => row_ (snd r)) l = map (fun r => row_ (snd r)) m ->
    step_units i l = step_units i m -> l = m.
Proof.
  induction l as [|[k r] l IH]; intros i [|[k' r'] m] E U; simpl in E; try discriminate; auto.
  injection E as E1 E2 E3.
  assert (Er : r = r') by (apply row_inj; unfold row_; rewrite E1, E2; reflexivity). subst r'.
  destruct k, k'; simpl in U.
  - rewrite (IH (S i) m E3 U). reflexivity.
  - exfalso. apply step_units_from in U. lia.
  - exfalso. symmetry in U. apply step_units_from in U. lia.
  - injection U as U. rewrite (IH (S i) m E3 U). reflexivity.
Qed.

Lemma layer_inj l m : layer_ l = layer_ m -> l = m.
Proof.
  destruct l as [d rs], m as [d' rs']. unfold layer_. cbn [divisor rows]. intros E.
  injection E as E1 E2 E3. apply number_inj in E1. apply rows_inj in E3; auto. congruence.
Qed.

Lemma network_inj n m : network_ n = network_ m -> n = m.
Proof.
  destruct n as [n ls d os], m as [n' ls' d' os']. unfold network_.
  cbn [inputs layers output_divisor outputs]. intros E.
  injection E as E1 E2 E3 E4. apply digits_inj in E1. apply number_inj in E3.
  apply map_inj in E2; [|intros; apply layer_inj; auto].
  apply map_inj in E4; [|intros; apply row_inj; auto]. f_equal; auto; lia || congruence.
Qed.

(** Constant keys and words of JSON. *)
Ltac constant_text := simpl; repeat split; discriminate.

Lemma object_good l : Forall (fun p => all plain_char (fst p) /\ good_json (snd p)) l ->
    good_json (Object l).
Proof.
  intros H. constructor; eapply Forall_impl; try exact H; simpl; tauto.
Qed.

Ltac object := apply object_good; repeat (apply Forall_cons || apply Forall_nil);
  (split; [constant_text|cbn [snd]]).

Lemma natural_good n : good_json (natural n). Proof. apply digits_good. Qed. Lemma row_good r :
    good_json (row_ r).
Proof.
  constructor. constructor; [apply number_good|]. apply Forall_forall. intros v Hv.
  apply in_flat_map in Hv as (p & _ & [<-|[<-|[]]]); [apply digits_good|apply number_good].
Qed.

Lemma step_units_good l : forall i, Forall good_json (step_units i l).
Proof.
  induction l as [|[[] r] l IH]; intros i; simpl; auto. constructor; auto. apply natural_good.
Qed.

Lemma network_good n : good_json (network_ n).
Proof.
  unfold network_. object; [apply natural_good| |].
  - constructor. apply Forall_map_in. intros l _. unfold layer_. object.
    + apply number_good.
    + constructor. apply Forall_map_in. intros r _. apply row_good.
    + constructor. apply step_units_good.
  - object; [apply number_good|]. constructor. apply Forall_map_in. intros r _. apply row_good.
Qed.

Theorem network_text_unique n m : network_text n = network_text m -> n = m.
Proof.
  intros E. apply network_inj, text_unique; auto using network_good.
Qed.
