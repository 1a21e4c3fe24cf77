"""The models of the exported set: small random-weight configurations, and wrappers that put a head on one.

Sizes are chosen to differ from each other (batch, seq, hidden, heads, intermediate, vocabulary), so that a test fails
that mistakes one axis for another.
"""

from dataclasses import dataclass, field

import torch
import transformers as hf
from inputs import BANDS, FRAMES, PAD, POSITIONS, VOCABULARY
from torch import nn

HIDDEN = 48
HEADS = 3
INTERMEDIATE = 80
LAYERS = 2
SPECIAL = {"pad_token_id": PAD, "bos_token_id": 0, "eos_token_id": 2}


@dataclass
class Case:
    """A module to export, with the names of its inputs and of its output, and the axes of that which stay open."""

    module: nn.Module
    inputs: tuple = ("input_ids", "attention_mask")
    output: str = "last_hidden_state"
    output_axes: dict = field(default_factory=lambda: {0: "batch", 1: "seq"})


def build(model_class, config, attention):
    """Makes `model_class` of `config` with the attention implementation asked for."""
    config._attn_implementation = attention
    return model_class._from_config(config) if hasattr(model_class, "_from_config") else model_class(config)


class Hidden(nn.Module):
    """Gives the last hidden state alone."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


class Logits(Hidden):
    """Gives the logits alone, without a cache."""

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits


class LastLogits(Hidden):
    """The logits of the last position: what a decoder that pads on the left takes."""

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits[:, -1]


class LastValidLogits(Hidden):
    """The logits of the last token that is not padding, wherever padding is."""

    def forward(self, input_ids, attention_mask):
        logits = self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits
        positions = torch.arange(attention_mask.shape[1]) * attention_mask
        last = positions.argmax(1)
        return logits.gather(1, last[:, None, None].expand(-1, 1, logits.shape[2])).squeeze(1)


class Labels(Hidden):
    """A classification head's logits."""

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


class MaskedMean(Hidden):
    """The mean over the tokens that are not padding, as sentence encoders do."""

    def forward(self, input_ids, attention_mask):
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).expand(hidden.size()).float()
        return (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)


class NormalisedMean(MaskedMean):
    """The masked mean scaled to length one."""

    def forward(self, input_ids, attention_mask):
        return nn.functional.normalize(super().forward(input_ids, attention_mask), p=2, dim=1)


class UnmaskedMean(Hidden):
    """The mean over all positions: padding takes part."""

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.mean(1)


class MaskedMax(Hidden):
    """The maximum over the tokens that are not padding."""

    def forward(self, input_ids, attention_mask):
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return hidden.masked_fill(attention_mask.unsqueeze(-1) == 0, -1e9).max(1).values


class Convolved(Hidden):
    """A convolution along the sequence after the encoder: a token next to padding reads it."""

    def __init__(self, model):
        super().__init__(model)
        self.convolution = nn.Conv1d(HIDDEN, 40, 3, padding=1)

    def forward(self, input_ids, attention_mask):
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.convolution(hidden.transpose(1, 2)).transpose(1, 2)


class MaskFromTokens(Hidden):
    """Has no mask input: the tokens that equal the padding id are masked."""

    def forward(self, input_ids):
        mask = (input_ids != PAD).long()
        return self.model(input_ids=input_ids, attention_mask=mask).last_hidden_state


class TwoMeanings(Hidden):
    """Attention keeps where the mask is 1, pooling keeps where it is 0."""

    def forward(self, input_ids, attention_mask):
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        rest = (1 - attention_mask).unsqueeze(-1).to(hidden.dtype)
        return (hidden * rest).sum(1) / rest.sum(1).clamp(min=1.0)


class TokenTypes(Hidden):
    """Takes token types as a third input."""

    def forward(self, input_ids, attention_mask, token_type_ids):
        answer = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return answer.last_hidden_state


class Features(nn.Module):
    """An encoder of audio features."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_features):
        return self.model(input_features).last_hidden_state


def sizes(**more):
    """The keys most configurations share."""
    common = {
        "vocab_size": VOCABULARY,
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INTERMEDIATE,
        "max_position_embeddings": POSITIONS,
    }
    return {**common, **more}


def bert_config(**more):
    return hf.BertConfig(**sizes(**more))


def gpt2_config():
    return hf.GPT2Config(
        vocab_size=VOCABULARY,
        n_embd=HIDDEN,
        n_layer=LAYERS,
        n_head=HEADS,
        n_inner=INTERMEDIATE,
        n_positions=POSITIONS,
        bos_token_id=0,
        eos_token_id=2,
    )


def bert(attention):
    return Case(Hidden(build(hf.BertModel, bert_config(), attention)))


def distilbert(attention):
    config = hf.DistilBertConfig(
        vocab_size=VOCABULARY,
        dim=HIDDEN,
        n_layers=LAYERS,
        n_heads=HEADS,
        hidden_dim=INTERMEDIATE,
        max_position_embeddings=POSITIONS,
    )
    return Case(Hidden(build(hf.DistilBertModel, config, attention)))


def roberta(attention):
    return Case(Hidden(build(hf.RobertaModel, hf.RobertaConfig(**sizes(), pad_token_id=PAD), attention)))


def albert(attention):
    return Case(Hidden(build(hf.AlbertModel, hf.AlbertConfig(**sizes(), embedding_size=20), attention)))


def electra(attention):
    return Case(Hidden(build(hf.ElectraModel, hf.ElectraConfig(**sizes(), embedding_size=20), attention)))


def mpnet(attention):
    return Case(Hidden(build(hf.MPNetModel, hf.MPNetConfig(**sizes(), pad_token_id=PAD), attention)))


def deberta_config(**more):
    return hf.DebertaV2Config(
        **sizes(),
        relative_attention=True,
        position_buckets=8,
        max_relative_positions=-1,
        pos_att_type=["p2c", "c2p"],
        share_att_key=True,
        position_biased_input=False,
        norm_rel_ebd="layer_norm",
        type_vocab_size=0,
        **more,
    )


def deberta_v2(attention):
    config = deberta_config(conv_kernel_size=3, conv_act="gelu")
    return Case(Hidden(build(hf.DebertaV2Model, config, attention)))


def deberta_v3(attention):
    return Case(Hidden(build(hf.DebertaV2Model, deberta_config(), attention)))


def modernbert(attention):
    special = {**SPECIAL, "cls_token_id": 0, "sep_token_id": 2}
    config = hf.ModernBertConfig(**sizes(), **special, global_attn_every_n_layers=2, local_attention=6)
    return Case(Hidden(build(hf.ModernBertModel, config, attention)))


def t5_encoder(attention):
    config = hf.T5Config(
        vocab_size=VOCABULARY,
        d_model=HIDDEN,
        d_kv=12,
        d_ff=INTERMEDIATE,
        num_layers=LAYERS,
        num_heads=HEADS,
        relative_attention_num_buckets=8,
        relative_attention_max_distance=20,
    )
    return Case(Hidden(build(hf.T5EncoderModel, config, attention)))


def whisper_encoder(attention):
    config = hf.WhisperConfig(
        **SPECIAL,
        decoder_start_token_id=0,
        vocab_size=VOCABULARY,
        d_model=HIDDEN,
        encoder_layers=LAYERS,
        encoder_attention_heads=HEADS,
        encoder_ffn_dim=INTERMEDIATE,
        decoder_layers=1,
        decoder_attention_heads=HEADS,
        num_mel_bins=BANDS,
        max_source_positions=FRAMES // 2,
    )
    model = build(hf.WhisperModel, config, attention).encoder
    return Case(Features(model), inputs=("input_features",), output_axes={0: "batch"})


def clip_text(attention):
    config = hf.CLIPTextConfig(**sizes(), **SPECIAL)
    return Case(Hidden(build(hf.CLIPTextModel, config, attention)))


def gpt2(attention):
    return Case(Logits(build(hf.GPT2LMHeadModel, gpt2_config(), attention)), output="logits")


def grouped(**more):
    """Grouped-query attention: 4 heads share 2 key/value heads."""
    return sizes(num_attention_heads=4, num_key_value_heads=2, **more)


def llama(attention):
    config = hf.LlamaConfig(**grouped(), **SPECIAL)
    return Case(Logits(build(hf.LlamaForCausalLM, config, attention)), output="logits")


def qwen3(attention):
    config = hf.Qwen3Config(**grouped(), **SPECIAL, head_dim=16)
    return Case(Logits(build(hf.Qwen3ForCausalLM, config, attention)), output="logits")


def pooled(wrapper):
    """A case that puts `wrapper` on BERT and gives one row per sentence."""

    def case(attention):
        return Case(
            wrapper(build(hf.BertModel, bert_config(), attention)),
            output="sentence_embedding",
            output_axes={0: "batch"},
        )

    return case


def bert_classify(attention):
    model = build(hf.BertForSequenceClassification, bert_config(num_labels=5), attention)
    return Case(Labels(model), output="logits", output_axes={0: "batch"})


def gpt2_last(attention):
    model = build(hf.GPT2LMHeadModel, gpt2_config(), attention)
    return Case(LastLogits(model), output="logits", output_axes={0: "batch"})


def gpt2_last_valid(attention):
    model = build(hf.GPT2LMHeadModel, gpt2_config(), attention)
    return Case(LastValidLogits(model), output="logits", output_axes={0: "batch"})


def bert_convolved(attention):
    return Case(Convolved(build(hf.BertModel, bert_config(), attention)))


def bert_mask_from_tokens(attention):
    return Case(MaskFromTokens(build(hf.BertModel, bert_config(), attention)), inputs=("input_ids",))


def bert_token_types(attention):
    model = build(hf.BertModel, bert_config(), attention)
    return Case(TokenTypes(model), inputs=("input_ids", "attention_mask", "token_type_ids"))


ARCHITECTURES = {
    make.__name__: make
    for make in (
        *(bert, distilbert, roberta, albert, electra, mpnet, deberta_v2, deberta_v3, modernbert),
        *(t5_encoder, whisper_encoder, clip_text, gpt2, llama, qwen3),
    )
}
HEADED = {
    "bert_classify": bert_classify,
    "bert_mean": pooled(MaskedMean),
    "bert_mean_normalised": pooled(NormalisedMean),
    "bert_unmasked_mean": pooled(UnmaskedMean),
    "bert_max": pooled(MaskedMax),
    "bert_two_masks": pooled(TwoMeanings),
    "bert_convolved": bert_convolved,
    "bert_mask_from_tokens": bert_mask_from_tokens,
    "bert_token_types": bert_token_types,
    "gpt2_last": gpt2_last,
    "gpt2_last_valid": gpt2_last_valid,
}
CASES = {**ARCHITECTURES, **HEADED}
