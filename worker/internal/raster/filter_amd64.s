#include "go_asm.h"
#include "textflag.h"

// Samples and deep samples share the loops in vertical_amd64.h and horizontal_amd64.h. The macros are their parameters.

#define LOAD VPMOVZXBW
#define STEP 16
#define SHIFT const_verticalShift

// func verticalVector(dst []int16, src []uint8, stride int, weights []int16)
TEXT ·verticalVector(SB), NOSPLIT, $0-80
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	MOVQ stride+48(FP), R8
	MOVQ weights_base+56(FP), R9
	MOVQ weights_len+64(FP), R10
#include "vertical_amd64.h"

#undef LOAD
#undef STEP
#undef SHIFT
#define LOAD VMOVDQU
#define STEP 32
#define SHIFT const_deepShift

// func deepVerticalVector(dst, src []int16, stride int, weights []int16)
TEXT ·deepVerticalVector(SB), NOSPLIT, $0-80
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	MOVQ stride+48(FP), R8
	SHLQ $1, R8 // from samples to bytes
	MOVQ weights_base+56(FP), R9
	MOVQ weights_len+64(FP), R10
#include "vertical_amd64.h"

#undef LOAD
#undef STEP
#undef SHIFT
#define STORE \
	VPACKSSDW X0, X0, X0; \
	VPACKUSWB X0, X0, X0; \
	VMOVD     X0, (DI)
#define STEP 4
#define SHIFT const_horizontalShift

// func horizontalVector(dst []uint8, src []int16, starts []int32, weights []int16, taps int)
TEXT ·horizontalVector(SB), NOSPLIT, $0-104
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	MOVQ starts_base+48(FP), R8
	MOVQ weights_base+72(FP), R9
	MOVQ taps+96(FP), R11
#include "horizontal_amd64.h"

#undef STORE
#undef STEP
#undef SHIFT
#define STORE \
	VPACKSSDW X0, X0, X0; \
	VMOVQ     X0, (DI)
#define STEP 8
#define SHIFT const_deepShift

// func deepHorizontalVector(dst, src []int16, starts []int32, weights []int16, taps int)
TEXT ·deepHorizontalVector(SB), NOSPLIT, $0-104
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	MOVQ starts_base+48(FP), R8
	MOVQ weights_base+72(FP), R9
	MOVQ taps+96(FP), R11
#include "horizontal_amd64.h"
